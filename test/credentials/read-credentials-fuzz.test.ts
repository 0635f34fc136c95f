import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readCredentials } from '../../src/credentials/judge-credentials.js';
import type { Credentials, CredentialTexts } from '../../src/credentials/judge-credentials.js';
import { Failure } from '../../src/failure.js';
import type { CertificateFacts } from '../../src/pki/certificate-facts.js';
import { encodePem, readPemBlocks } from '../../src/pki/pem.js';
import { makeIssuer } from '../pki/issuing.js';
import { makeCredentials } from './credential-texts.js';

const issuer = await makeIssuer();
const { order } = await makeCredentials([issuer]);
const sound = await readCredentials(order);
const fields = ['keyPem', 'certificatePem', 'caPem'] as const;

/** What was read; undefined for a refusal. Any other error flies. */
async function tryRead(change: Partial<CredentialTexts>): Promise<Credentials | undefined> {
  try {
    return await readCredentials({ ...order, ...change });
  } catch (error) {
    if (error instanceof Failure && error.kind === 'internal') return undefined;
    throw error;
  }
}

/** The secret number of an EC key. */
function scalarOf(pkcs8: Uint8Array): string | undefined {
  const key: KeyObject = createPrivateKey({
    key: Buffer.from(pkcs8),
    format: 'der',
    type: 'pkcs8',
  });
  return key.export({ format: 'jwk' }).d;
}

/** Whether both are one key, bits that mean nothing left aside. */
function isSameKey(...certificates: readonly [CertificateFacts, CertificateFacts]): boolean {
  const [one, other] = certificates.map(({ spki }) =>
    createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }),
  );
  return one !== undefined && other !== undefined && one.equals(other);
}

/** The same text around other bytes. */
function rewrap(pem: string, change: (der: Buffer) => Uint8Array): string {
  const [block] = readPemBlocks(pem);
  if (!block) throw new Error('there is no block');
  return encodePem(block.label, change(Buffer.from(block.der)));
}

const flip = (at: number, bits: number) => (der: Buffer) => {
  der.writeUInt8(der.readUInt8(at) ^ bits, at);
  return der;
};

describe.each(fields)('credentials whose %s', (field) => {
  const pem = order[field];
  const { length } = readPemBlocks(pem)[0]?.der ?? [];

  it('is cut at any letter are refused, but for the last line break', async () => {
    for (let end = 0; end < pem.length - 1; end++) {
      expect(await tryRead({ [field]: pem.slice(0, end) })).toBeUndefined();
    }
    expect(await tryRead({ [field]: pem.slice(0, -1) })).toEqual(sound);
  });

  it('is cut at any byte, or extended, are refused', async () => {
    for (let end = 0; end < length; end++) {
      const cut = rewrap(pem, (der) => der.subarray(0, end));
      expect(await tryRead({ [field]: cut })).toBeUndefined();
    }
    const extended = rewrap(pem, (der) => Buffer.concat([der, Buffer.of(5, 0)]));
    expect(await tryRead({ [field]: extended })).toBeUndefined();
  });

  it('is any text are read or refused, never more', async () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('-----BEGIN ', 'PRIVATE KEY-----\n', 'CERTIFICATE-----\n', '-----END ', pem),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 6 }), async (pieces) => {
        await tryRead({ [field]: pieces.join('') });
      }),
      { numRuns: 300 },
    );
  });
});

describe('credentials with a changed byte', () => {
  const { length: keyLength } = sound.pkcs8;
  const bits = [0x01, 0x20, 0x80, 0xff];

  it('of the key are refused, or the key is the same nevertheless', async () => {
    for (let at = 0; at < keyLength; at++) {
      for (const changed of bits) {
        const read = await tryRead({ keyPem: rewrap(order.keyPem, flip(at, changed)) });
        if (read) expect(scalarOf(read.pkcs8)).toBe(scalarOf(sound.pkcs8));
      }
    }
  });

  it('of the certificate are refused, or have the same public key and no chain', async () => {
    for (let at = 0; at < sound.certificate.der.length; at++) {
      const text = rewrap(order.certificatePem, flip(at, 0x01));
      const read = await tryRead({ certificatePem: text });
      if (!read) continue;
      expect(isSameKey(read.certificate, sound.certificate)).toBe(true);
      expect(read.chain).toEqual([]);
    }
  });

  it('of the CA are refused, or its name and key are the same where it is in the chain', async () => {
    for (let at = 0; at < issuer.certificate.der.length; at++) {
      const read = await tryRead({ caPem: rewrap(order.caPem, flip(at, 0x01)) });
      for (const authority of read?.chain ?? []) {
        expect(isSameKey(authority, issuer.certificate)).toBe(true);
        expect(Buffer.from(authority.subject).equals(issuer.certificate.subject)).toBe(true);
      }
    }
  });
});
