import { describe, expect, it } from '@jest/globals';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { isoTime } from '../../src/iso-time.js';
import { encodeDer, encodeSequence } from '../../src/pki/der-writer.js';
import { oids } from '../../src/pki/object-identifiers.js';
import { bring, makeIssued } from '../support/authority-files.js';
import {
  digitalSignature,
  extendedKeyUsage,
  issueElsewhere,
  keyUsage,
  originalExtensions,
} from '../support/foreign-certificate.js';
import type { ForeignInput } from '../support/foreign-certificate.js';
import { call, pair, renew, startTestGateway, temporaryHome } from '../support/gateway.js';
import type { Holder, TestGateway } from '../support/gateway.js';
import { makeExtension } from '../support/ocsp.js';
import { rowCounts } from '../support/record.js';
import { refusals } from '../support/refusals.js';
import { makeKey } from '../support/requests.js';
import { adopting, holderRoutes, info, makeOldAuthority, takeOver } from '../support/take-over.js';

const wayBack = 'Ask the operator of the gateway for a new token and pair again.';
const day = 86_400;
const now = Math.floor(Date.now() / 1000);
const client = extendedKeyUsage(oids.clientAuth);
const authorityConstraints = makeExtension(
  oids.basicConstraints,
  encodeSequence(encodeDer(0x01, Uint8Array.of(0xff))),
  { critical: true },
);
const base = [
  ['C', 'DE'],
  ['ST', 'Waldorf'],
  ['L', 'Waldorf'],
  ['O', 'Organization'],
  ['OU', 'OrgUnit'],
] as const;
const named = (CN: string): ForeignInput => ({ subject: [...base, ['CN', CN]] });

/** Every route refuses with the rule, nothing goes on record, and the audit log has a warning. */
async function expectRefused(gateway: TestGateway, holder: Holder, rule: string): Promise<void> {
  const before = await rowCounts(gateway);
  for (const [, use] of holderRoutes) {
    const answer = await use(gateway, holder);
    expect(answer.body).toEqual({
      code: 403,
      error: 'The client certificate is not on record here.',
      reason: 'certificate-not-on-record',
      detail: `${rule} ${wayBack}`,
      requestId: expect.any(String),
    });
    expect(answer.headers['connection']).toBe('close');
  }
  expect({ ...(await rowCounts(gateway)), audit_events: 0 }).toEqual({
    ...before,
    audit_events: 0,
  });
  expect((await refusals(gateway)).at(-1)).toEqual([
    'warning',
    'address:127.0.0.1',
    'certificate-not-on-record',
  ]);
}

describe('HI-C9: a certificate that the authority signed is not adopted', () => {
  it.each<[string, ForeignInput, string]>([
    [
      'that is an authority',
      { extensions: [...originalExtensions, authorityConstraints] },
      'It is the certificate of an authority.',
    ],
    [
      'that may sign certificates',
      { extensions: [keyUsage(digitalSignature | 0x04), client] },
      'It is the certificate of an authority.',
    ],
    [
      'that may sign revocation lists',
      { extensions: [keyUsage(digitalSignature | 0x02), client] },
      'It is the certificate of an authority.',
    ],
    [
      'that may only encipher',
      { extensions: [keyUsage(0x20), client] },
      'Its key usage does not allow digitalSignature.',
    ],
    [
      'of a server',
      { extensions: [keyUsage(digitalSignature), extendedKeyUsage(oids.serverAuth)] },
      'Its extended key usage does not hold clientAuth.',
    ],
    [
      'for any purpose',
      { extensions: [extendedKeyUsage('2.5.29.37.0')] },
      'Its extended key usage does not hold clientAuth.',
    ],
    [
      'without a purpose',
      { extensions: [keyUsage(digitalSignature)] },
      'Its extended key usage does not hold clientAuth.',
    ],
    [
      'with a critical extension that nobody knows',
      { extensions: [client, makeExtension('1.2.3.4', encodeSequence(), { critical: true })] },
      'Its extension 1.2.3.4 is critical and not known here.',
    ],
    [
      'that has expired',
      { notBefore: now - 92 * day, notAfter: now - 60 },
      `It expired on ${isoTime(now - 60)}.`,
    ],
    [
      'that is not valid yet',
      { notBefore: now + day },
      `It is not valid before ${isoTime(now + day)}.`,
    ],
    ['without a CN', { subject: base }, 'Its subject must hold CN once, as text.'],
    [
      'with two CNs',
      { subject: [...base, ['CN', 'app'], ['CN', 'b']] },
      'Its subject must hold CN once, as text.',
    ],
    [
      'with two OUs',
      { subject: [...base, ['OU', 'b'], ['CN', 'app']] },
      'Its subject must hold OU once, as text.',
    ],
    [
      'with an empty O',
      { subject: [...base.filter(([type]) => type !== 'O'), ['O', ''], ['CN', 'app']] },
      'Its subject must hold O once, as text.',
    ],
    [
      'without an L',
      { subject: [...base.filter(([type]) => type !== 'L'), ['CN', 'app']] },
      'Its subject must hold L once, as text.',
    ],
    [
      'with a CN in another string type',
      { subject: [...base, ['CN', 'app', 0x14]] },
      'Its subject must hold CN once, as text.',
    ],
    [
      'with a serialNumber',
      { subject: [...base, ['CN', 'app'], ['serialNumber', '7']] },
      'Its subject must not hold serialNumber.',
    ],
    [
      'with an emailAddress',
      { subject: [...base, ['CN', 'app'], ['emailAddress', 'a@b', 0x16]] },
      'Its subject must not hold emailAddress.',
    ],
    [
      'with two attributes in one relative name',
      {
        subject: [
          ...base.slice(0, 4),
          [
            ['OU', 'OrgUnit'],
            ['CN', 'app'],
          ],
        ],
      },
      'Its subject holds several attributes in one relative name.',
    ],
    [
      'with a name that no application may have',
      named('a/b'),
      'Its subject cannot be a name here. The application name must not hold any of , = / " \\ + < > ; % ? # :.',
    ],
    [
      'with a name of 65 characters',
      named('x'.repeat(65)),
      'Its subject cannot be a name here. The application name has 65 characters, at most 64 are allowed.',
    ],
    [
      'with an invisible character in its name',
      named('app\u200b'),
      'Its subject cannot be a name here. The application name must not hold control characters or invisible ones.',
    ],
    [
      'with a key of 2560 bits',
      { key: makeKey('rsa-2560') },
      'The type, size or form of its key is not accepted.',
    ],
    [
      'with the RSA exponent 3',
      { key: generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }).privateKey },
      'Its key has a known weakness.',
    ],
  ])('%s', async (_what, input, rule) => {
    const { gateway, authority } = await takeOver();
    const holder = issueElsewhere(authority, input);
    await expectRefused(gateway, holder, rule);
    expect(gateway.logs.filter(({ refusal }) => refusal !== undefined)).toEqual([
      expect.objectContaining({ level: 'warn', certificate: holder.sha256, refusal: rule }),
    ]);
  });

  it('with a key of another application, whose own certificate goes on', async () => {
    const { gateway, authority } = await takeOver();
    const other = await pair(gateway, 'other');
    const holder = issueElsewhere(authority, { key: other.key });
    await expectRefused(gateway, holder, 'Its key belongs to somebody else or was compromised.');
    await renew(gateway, other).expect(201);
  });

  it("with the authority's own key", async () => {
    const { gateway, authority } = await takeOver();
    const key = createPrivateKey(readFileSync(authority.keyFile));
    const holder = issueElsewhere(authority, { key });
    await expectRefused(gateway, holder, 'Its key belongs to somebody else or was compromised.');
  });

  it('that is the authority itself', async () => {
    const { gateway, authority } = await takeOver();
    const answer = await call(gateway, 'get', '/v1/applications/management/info', {
      certPem: readFileSync(authority.certFile, 'utf8'),
      keyPem: readFileSync(authority.keyFile, 'utf8'),
    });
    expect(answer.body).toMatchObject({
      reason: 'certificate-not-on-record',
      detail: `It is the certificate of an authority. ${wayBack}`,
    });
  });

  it('with SHA-1, which could be forged', async () => {
    const { gateway, authority } = await takeOver();
    const holder = issueElsewhere(authority, { digest: 'sha1' });
    // A client library of today does not present it otherwise.
    const { certPem: cert, keyPem: key } = holder;
    const agent = new Agent({ cert, key, ca: gateway.ca, ciphers: 'DEFAULT@SECLEVEL=0' });
    const path = '/v1/applications/management/info';
    const answer = await call(gateway, 'get', path).agent(agent);
    agent.destroy();
    expect(answer.body).toMatchObject({
      code: 403,
      reason: 'certificate-not-on-record',
      detail: `It is signed with SHA-1, which can be forged. ${wayBack}`,
    });
    expect((await rowCounts(gateway))['certificates']).toBe(1);
  });
});

describe('HI-C9: a certificate that cannot be read', () => {
  it('because its key usage names no usage is nobody: it would look like one without any limit', async () => {
    const { gateway, authority } = await takeOver();
    const holder = issueElsewhere(authority, { extensions: [keyUsage(0), client] });
    const { body } = await info(gateway, holder);
    expect(body).toMatchObject({ code: 403, reason: 'certificate-unknown', detail: wayBack });
  });
});

describe('HI-C5: a certificate of another authority', () => {
  it('with the same name is foreign: adoption is not even tried', async () => {
    const { gateway } = await takeOver();
    const stranger = await makeOldAuthority();
    const { body } = await info(gateway, issueElsewhere(stranger));
    expect(body).toMatchObject({ code: 403, reason: 'certificate-unknown', detail: wayBack });
  });

  it('that stands above the issuing one in the chain is foreign as well', async () => {
    const root = await makeOldAuthority();
    const folder = temporaryHome();
    const issuing = await makeIssued({ folder, name: 'Issuing', key: 'rsa', issuer: root });
    const gateway = await startTestGateway({ ...bring(issuing, root.certFile), ...adopting });
    expect((await info(gateway, issueElsewhere(root))).body).toMatchObject({
      reason: 'certificate-unknown',
    });
    await info(gateway, issueElsewhere(issuing)).expect(200);
  });
});
