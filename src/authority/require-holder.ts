import type { RequestHandler, Response } from 'express';
import { Failure } from '../failure.js';
import type { ClientIdentity, Identify, RecordedState } from '../http/client-identity.js';
import { addressOf, contextOf } from '../http/request-context.js';
import type { CountUse } from '../http/rate-limit.js';
import { rfc3339 } from '../http/rfc3339.js';
import type { CertificateKind } from './certificate-kinds.js';
import type { RecordedCertificate } from './certificate-store.js';

/** What a route asks of the presented certificate. */
export interface HolderRule {
  /** What it is used for: counted together, whichever route it comes by. */
  readonly use: 'info' | 'renewal' | 'revocation' | 'acknowledgement' | 'credentials';
  readonly states: readonly RecordedState[];
  readonly kinds: readonly CertificateKind[];
  readonly wayBack: WayBack;
}

/** How a holder gets a good certificate again, in a sentence; with the one that lapsed, where it is on record. */
export type WayBack = (lapsed?: RecordedCertificate) => string;

/** What the presented certificate is judged and counted by. */
export interface HolderEdges {
  readonly identify: Identify<RecordedCertificate>;
  readonly countByAddress: CountUse;
  readonly countByCertificate: CountUse;
}

/**
 * Judges the presented certificate on this request and leaves it for holderOf. Throws the Failure that says why it is
 * not accepted here; the connection is closed then. Those without a good certificate are limited by address, the
 * others by certificate.
 */
export function requireHolder(edges: HolderEdges, rule: HolderRule): RequestHandler {
  return async (request, response, next) => {
    const context = contextOf(request);
    const identity = await edges.identify(request);
    if ('record' in identity) context.actor = `${identity.record.kind}:${identity.record.holder}`;
    const refusal = refusalOf(identity, rule);
    if (refusal) {
      response.setHeader('Connection', 'close');
      await edges.countByAddress(addressOf(request));
      throw refusal;
    }
    if (!('record' in identity)) throw new Error('an identity without a record was accepted');
    await edges.countByCertificate(`${rule.use} ${identity.sha256}`);
    holders.set(response, identity.record);
    next();
  };
}

const holders = new WeakMap<Response, RecordedCertificate>();

/** The certificate that requireHolder accepted on this request. */
export function holderOf(response: Response): RecordedCertificate {
  const holder = holders.get(response);
  if (!holder) throw new Error('a route asked for a holder that was not required');
  return holder;
}

function refusalOf(
  identity: ClientIdentity<RecordedCertificate>,
  rule: HolderRule,
): Failure | undefined {
  const { wayBack } = rule;
  switch (identity.state) {
    case 'none':
      return new Failure('certificate-required', 'A client certificate is required.', {
        detail: identity.detail ?? 'Present it in the TLS handshake: curl --cert FILE --key FILE.',
      });
    case 'unknown':
      return new Failure(
        'certificate-unknown',
        'The client certificate was not issued by this gateway.',
        {
          detail: identity.detail === undefined ? wayBack() : `${identity.detail} ${wayBack()}`,
        },
      );
    case 'not-on-record':
      return new Failure(
        'certificate-not-on-record',
        'The client certificate is not on record here.',
        {
          detail: identity.refusal === undefined ? wayBack() : `${identity.refusal} ${wayBack()}`,
          isSuspicious: true,
        },
      );
    default:
      break;
  }
  const { state, record } = identity;
  if (!rule.kinds.includes(record.kind)) {
    return new Failure(
      'certificate-wrong-kind',
      `${/^[aeiou]/.test(record.kind) ? 'An' : 'A'} ${record.kind} certificate is not accepted here.`,
      {
        isSuspicious: true,
      },
    );
  }
  return rule.states.includes(state) ? undefined : stateRefusal(identity, wayBack);
}

function stateRefusal(
  { state, record }: { readonly state: RecordedState; readonly record: RecordedCertificate },
  wayBack: WayBack,
): Failure {
  switch (state) {
    case 'expired':
      return new Failure(
        'certificate-expired',
        `The certificate expired on ${rfc3339(record.notAfter)}.`,
        {
          detail: wayBack(record),
        },
      );
    case 'not-yet-valid':
      return new Failure(
        'certificate-not-yet-valid',
        `The certificate is not valid before ${rfc3339(record.notBefore)}.`,
        {
          detail: 'Compare the clocks of both sides, or wait.',
        },
      );
    case 'revoked':
      return new Failure('certificate-revoked', 'Certificate has been revoked.', {
        detail: wayBack(record),
      });
    case 'authority-retired':
      return new Failure(
        'authority-retired',
        'The authority that issued the certificate has been retired.',
        {
          detail: wayBack(record),
        },
      );
    case 'valid':
      throw new Error('a valid certificate was refused for its state');
  }
}
