import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { exportCredentials } from '../../src/credentials/export-credentials.js';
import type { ExportOrder } from '../../src/credentials/export-credentials.js';
import { Failure } from '../../src/failure.js';
import { encodePem, readPemBlocks } from '../../src/pki/pem.js';
import type { Issuer } from '../../src/pki/certificate-template.js';
import { makeIssuer } from '../pki/issuing.js';
import { makeKey } from '../support/requests.js';
import { makeCredentials, pemOf, pemOfKey } from './credential-texts.js';
import type { TestCredentials } from './credential-texts.js';

let issuer: Issuer;
let own: TestCredentials;
let other: TestCredentials;

beforeAll(async () => {
  issuer = await makeIssuer();
  own = await makeCredentials([issuer]);
  other = await makeCredentials([issuer]);
});

/** The failure with which an export is refused; other errors fly. */
async function refusalOf(change: Partial<ExportOrder>): Promise<Failure> {
  try {
    await exportCredentials({ ...own.order, ...change }, randomBytes);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

const contentOf = (pem: string): Uint8Array => readPemBlocks(pem)[0]?.der ?? new Uint8Array();

/** The private half of one EC key with the public half of another. */
function mixKeys(secret: TestCredentials, shown: TestCredentials): string {
  const scalarOf = ({ key }: TestCredentials): Buffer =>
    Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url');
  const der = Buffer.from(contentOf(shown.order.keyPem));
  scalarOf(secret).copy(der, der.indexOf(scalarOf(shown)));
  return encodePem('PRIVATE KEY', der);
}

describe('an export is refused', () => {
  const passwords: readonly (readonly [string, string])[] = [
    ['is empty', ''],
    ['has five characters', 'abcde'],
    ['has 257 characters', 'a'.repeat(257)],
    ['is not ASCII', 'pässwörter'],
    ['has an emoji', 'horse😀horse'],
    ['begins with a space', ' password'],
    ['ends with a space', 'password '],
    ['ends with a line break', 'password\n'],
    ['has a line break', 'pass\nword'],
    ['has a NUL', 'pass\0word'],
    ['has a DEL', 'pass\x7fword'],
  ];
  it.each(passwords)('SU-C5: with a password that %s', async (_what, password) => {
    const refusal = await refusalOf({ password });
    expect(refusal.kind).toBe('field-invalid');
    expect(refusal.message).toContain('6 to 256 printable ASCII characters');
  });

  it('but not with the shortest, the longest and the strangest password', async () => {
    for (const password of ['abcdef', '!"#$%&\'()*+,-./ :;<=>?@[\\]^_`{|}~', 'a'.repeat(256)]) {
      await exportCredentials({ ...own.order, password }, randomBytes);
    }
  });

  const keys: readonly (readonly [string, () => string])[] = [
    ['of another user', () => other.order.keyPem],
    ['of another kind', () => pemOfKey(makeKey('rsa-2048'))],
    ['on another curve', () => pemOfKey(makeKey('secp384r1'))],
    ['that cannot sign with SHA-256', () => pemOfKey(makeKey('ed25519'))],
    ['that only agrees on keys', () => pemOfKey(makeKey('x25519'))],
    ['whose public half alone fits', () => mixKeys(other, own)],
  ];
  it.each(keys)('SU-R6: with a key %s', async (_what, makePem) => {
    const refusal = await refusalOf({ keyPem: makePem() });
    expect(refusal).toMatchObject({
      kind: 'internal',
      message: 'The key on record does not fit the certificate: reset the credentials of Alice.',
    });
  });

  it('SU-R6: with the certificate of another user', async () => {
    const refusal = await refusalOf({ certificatePem: other.order.certificatePem });
    expect(refusal.message).toContain('does not fit the certificate');
  });

  const noKeys: readonly (readonly [string, () => string])[] = [
    ['is empty', () => ''],
    ['is redacted', () => '<redacted>'],
    ['is followed by another', () => own.order.keyPem + other.order.keyPem],
    ['is followed by a broken block', () => `${own.order.keyPem}-----BEGIN PRIVATE KEY-----\n`],
    ['is a certificate', () => own.order.certificatePem],
    ['has another label', () => own.order.keyPem.replaceAll('PRIVATE', 'RSA PRIVATE')],
    ['is SEC 1', () => String(own.key.export({ format: 'pem', type: 'sec1' }))],
    [
      'is encrypted',
      () => {
        const locked = { cipher: 'aes-256-cbc', passphrase: 'x' };
        return String(own.key.export({ format: 'pem', type: 'pkcs8', ...locked }));
      },
    ],
    [
      'has bytes after its end',
      () => {
        const der = Buffer.concat([contentOf(own.order.keyPem), Buffer.of(5, 0)]);
        return encodePem('PRIVATE KEY', der);
      },
    ],
  ];
  it.each(noKeys)('with a key that %s', async (_what, makePem) => {
    const refusal = await refusalOf({ keyPem: makePem() });
    expect([refusal.kind, refusal.cause]).toEqual(['internal', undefined]);
    expect(refusal.message).toContain('not one PKCS#8 key in PEM: reset the credentials of Alice');
  });

  const texts: readonly (readonly [string, (pem: string) => string])[] = [
    ['is empty', () => ''],
    ['is a key', () => own.order.keyPem],
    ['has another label', (pem) => pem.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE')],
    ['is followed by a key', (pem) => pem + own.order.keyPem],
    ['is cut', (pem) => pem.slice(0, -40)],
    ['is followed by one that is cut', (pem) => pem + pem.slice(0, -40)],
    ['is not a certificate', () => encodePem('CERTIFICATE', contentOf(own.order.keyPem))],
    ['has bytes after its end', (pem) => pemOf(Buffer.concat([contentOf(pem), Buffer.of(5, 0)]))],
  ];
  it.each(texts)('with a certificate or a CA that %s', async (_what, change) => {
    const { certificatePem, caPem } = own.order;
    const certificate = await refusalOf({ certificatePem: change(certificatePem) });
    expect(certificate.message).toContain('The certificate on record is not one PEM certificate');
    const authority = await refusalOf({ caPem: change(caPem) });
    expect(authority.message).toContain('The CA on record is not PEM of CA certificates');
    expect([certificate.kind, authority.kind]).toEqual(['internal', 'internal']);
  });

  it('with two certificates, and with a CA that is none', async () => {
    const { certificatePem, caPem } = own.order;
    const two = await refusalOf({ certificatePem: certificatePem + caPem });
    expect(two.message).toContain('not one PEM certificate');
    const none = await refusalOf({ caPem: caPem + certificatePem });
    expect(none.message).toContain('not PEM of CA certificates');
  });
});
