import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Issuer } from '../../src/pki/certificate-template.js';
import { readOcspRequest } from '../../src/pki/ocsp-request.js';
import { buildOcspResponse, encodeOcspError } from '../../src/pki/ocsp-response.js';
import type { CertificateStatus } from '../../src/pki/ocsp-response.js';
import { encodePem } from '../../src/pki/pem.js';
import { isRevocationReason, revocationReasons } from '../../src/pki/revocation-reason.js';
import { makeOcspRequest, ocspErrors } from '../support/ocsp.js';
import { makeIssuer, now, openssl, withFiles } from './issuing.js';

const issuer = await makeIssuer();
const issuerPem = encodePem('CERTIFICATE', issuer.certificate.der);

function build(input: {
  readonly statuses: readonly CertificateStatus[];
  readonly responder?: Issuer;
  readonly nonce?: Uint8Array;
  readonly thisUpdate?: number;
}): Promise<Uint8Array> {
  const { statuses, responder = issuer, nonce, thisUpdate = now } = input;
  const questions = statuses.map((_status, place) => ({ issuerPem, serial: `4${String(place)}` }));
  const { certificates } = readOcspRequest(makeOcspRequest({ questions }));
  const answers = certificates.map(({ der }, place) => ({
    certificateId: der,
    status: statuses[place] ?? { state: 'unknown' as const },
  }));
  const nextUpdate = thisUpdate + 3600;
  return buildOcspResponse({ responder, thisUpdate, nextUpdate, answers, nonce });
}

/** What openssl reads in it once it has verified the signature. */
function verified(der: Uint8Array): string {
  return withFiles({ ca: issuerPem }, (path) => {
    writeFileSync(path('answer'), der);
    const args = ['ocsp', '-respin', path('answer'), '-CAfile', path('ca')];
    return openssl([...args, '-attime', String(now), '-resp_text']);
  });
}

describe('an OCSP answer', () => {
  it('tells every status and reason as openssl reads them', async () => {
    const reasons = Object.keys(revocationReasons).filter(isRevocationReason);
    const revoked = reasons.map(
      (reason) => ({ state: 'revoked', revokedAt: now, reason }) as const,
    );
    const statuses = [{ state: 'good' }, { state: 'unknown' }, ...revoked] as const;
    const text = verified(await build({ statuses }));
    expect(text.match(/Cert Status: \w+/g)).toEqual([
      'Cert Status: good',
      'Cert Status: unknown',
      ...reasons.map(() => 'Cert Status: revoked'),
    ]);
    // openssl has no name for the higher ones.
    const codes = [...text.matchAll(/Revocation Reason: .*\(0x(\w+)\)/g)];
    expect(codes.map(([, code = '']) => Number.parseInt(code, 16))).toEqual(
      Object.values(revocationReasons).filter((code) => code !== 0),
    );
    expect(text).toContain('Response Type: Basic OCSP Response');
  });

  it('echoes a nonce of any length up to 128 bytes', async () => {
    for (const length of [1, 32, 128]) {
      const nonce = randomBytes(length);
      const der = await build({ statuses: [{ state: 'good' }], nonce });
      expect(Buffer.from(der).includes(nonce)).toBe(true);
      expect(verified(der)).toContain('OCSP Nonce');
    }
  });

  it('writes times as GeneralizedTime in any century', async () => {
    const revokedAt = Date.UTC(1999, 0, 2, 3, 4, 5) / 1000;
    const status = { state: 'revoked', revokedAt, reason: 'superseded' } as const;
    const thisUpdate = Date.UTC(2051, 0, 1) / 1000;
    const der = Buffer.from(await build({ statuses: [status], thisUpdate })).toString('latin1');
    for (const time of ['19990102030405Z', '20510101000000Z', '20510101010000Z']) {
      expect(der).toContain(time);
    }
  });

  it('never leaves with a signature that does not verify', async () => {
    const sign = (data: Uint8Array): Uint8Array => {
      const signature = Buffer.from(issuer.signer.sign(data) as Uint8Array);
      signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1;
      return signature;
    };
    const responder = { ...issuer, signer: { ...issuer.signer, sign } };
    await expect(build({ statuses: [{ state: 'good' }], responder })).rejects.toThrow(
      'does not verify',
    );
  });

  it.each(['malformedRequest', 'internalError', 'tryLater', 'unauthorized'] as const)(
    'that is the error %s has no more in it',
    (error) => {
      expect(Buffer.from(encodeOcspError(error)).toString('hex')).toBe(ocspErrors[error]);
    },
  );
});
