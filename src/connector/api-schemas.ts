import { failureKinds } from '../failure.js';
import { revocationReasons } from '../pki/revocation-reason.js';
import type { Mode } from './client.js';
import type { YamlValue } from './write-yaml.js';

type Fields = Readonly<Record<string, YamlValue>>;

const text = (description: string) => ({ type: 'string', description });
const url = (description: string) => ({ type: 'string', format: 'uri', description });
const time = (description: string) => ({ type: 'string', format: 'date-time', description });

function object(properties: Fields, optional: readonly string[] = []) {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', ...(required.length > 0 ? { required } : {}), properties };
}

const eventUrls = {
  eventsInfoUrl: url('Which events are subscribed to.'),
  eventsUrl: url('Where events are sent to.'),
  metadataUrl: url('Where services are registered.'),
};

const certificateForm = {
  subject: text('The subject to request, as O=..,OU=..,L=..,ST=..,C=..,CN=..'),
  extensions: text('Always empty: extensions are not requested.'),
  'key-algorithm': text('Always rsa2048, for old clients. EC and Ed25519 keys are welcome.'),
};

const revocationReason = {
  type: 'string',
  enum: Object.keys(revocationReasons),
  default: 'unspecified',
  description: 'RFC 5280 5.3.1. keyCompromise revokes all that was renewed from it, too.',
};

/** The bodies of requests and answers in a mode. */
export function apiSchemas(mode: Mode): Fields {
  if (mode === 'standalone') return { ...infoSchemas('', eventUrls, { application }), ...schemas };
  return {
    ...infoSchemas('', eventUrls, { application, group, tenant }),
    ...infoSchemas('Runtime', {}, { group, tenant }),
    ...schemas,
  };
}

const application = text('The name of the application.');
const group = text('Its group.');
const tenant = text('The tenant of the group.');

/** The info documents of one kind of client; an application that was paired in standalone mode has no group. */
function infoSchemas(prefix: string, urls: Fields, identity: Fields): Fields {
  const paired = prefix === '' ? ['group', 'tenant'] : [];
  return {
    [`${prefix}SigningInfo`]: object({
      csrUrl: url('Where to send the certification request, the next token included.'),
      api: object({
        ...urls,
        infoUrl: url('The management info.'),
        certificatesUrl: url('The same as csrUrl, without a token.'),
      }),
      certificate: object(certificateForm),
    }),
    [`${prefix}ManagementInfo`]: object({
      clientIdentity: object(identity, paired),
      urls: object({
        ...urls,
        renewCertUrl: url('Where to renew.'),
        revokeCertUrl: url('Where to revoke.'),
        revocationCertUrl: url('The same as revokeCertUrl, under its older name.'),
      }),
      certificate: object({ ...certificateForm, notAfter: time('The end of the certificate.') }),
      renewal: object({
        start: time('From here on a renewal is due.'),
        end: time('Until here it should be done.'),
      }),
    }),
  };
}

const schemas: Fields = {
  CertificationRequest: object({
    csr: text('Standard base64, with padding, of the PEM text of a PKCS #10 request.'),
  }),
  Certificate: object({
    crt: text('The certificate and its issuers: base64 of PEM.'),
    clientCrt: text('The certificate alone: base64 of PEM.'),
    caCrt: text(
      'The issuing authority and its issuers, in a roll-over the other CAs to trust, too: base64 of PEM.',
    ),
  }),
  Revocation: object({ reason: revocationReason }, ['reason']),
  RevocationByHash: object(
    {
      hash: text('SHA-256 of the DER certificate in hex; upper case and colons are accepted.'),
      reason: revocationReason,
    },
    ['reason'],
  ),
  Token: object(
    {
      url: url('The info document, the token included.'),
      token: text('88 characters; works once.'),
      expiresAt: time('The end of the token.'),
      caSha256: text('SHA-256 of the CA certificate to trust, in hex.'),
      notice: text('What the operator should know, if anything.'),
    },
    ['notice'],
  ),
  Failure: object(
    {
      code: { type: 'integer', description: 'The HTTP status.' },
      error: text('What is wrong, for people.'),
      reason: {
        type: 'string',
        enum: Object.keys(failureKinds),
        description: 'What is wrong, for programs. The words do not change.',
      },
      detail: text('What was expected, and the remedy.'),
      requestId: text('Names the request in the log of the gateway.'),
    },
    ['detail', 'requestId'],
  ),
};
