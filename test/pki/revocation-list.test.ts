import { spawnSync } from 'node:child_process';
import { randomBytes, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type Issuer } from '../../src/pki/certificate-template.js';
import { asSerialNumber } from '../../src/pki/der.js';
import { encodePem } from '../../src/pki/pem.js';
import { buildRevocationList, restoreRevocationList } from '../../src/pki/revocation-list.js';
import { revocationReasons, isRevocationReason } from '../../src/pki/revocation-reason.js';
import { linesOf } from '../support/revoked-entries.js';
import type { Entry } from '../support/revoked-entries.js';
import { newSerialNumber } from '../../src/pki/serial-number.js';
import { makeKey } from '../support/requests.js';
import { day, issue, makeIssuer, now, openssl, opensslVerify, withFiles } from './issuing.js';

describe('a revocation list', () => {
  const reasons = Object.keys(revocationReasons).filter(isRevocationReason);
  const content = (issuer: Issuer, entries: Iterable<string>, number = 1) => ({
    ...{ issuer, number, entries },
    ...{ thisUpdate: now, nextUpdate: now + 7 * day },
  });
  const list = async (issuer: Issuer, entries: readonly Entry[], number = 1) =>
    (await buildRevocationList(content(issuer, [linesOf(entries)], number))).der;
  const opensslCrl = (der: Uint8Array, ...args: readonly string[]) =>
    openssl(['crl', '-inform', 'DER', ...args], der);

  it.each(['ec-p256', 'ec-p384', 'rsa-2048'] as const)(
    'is verified and read by openssl with a key of type %s',
    async (type) => {
      const issuer = await makeIssuer(type);
      const entries = reasons.map((reason, index) => ({
        serial: asSerialNumber(`40${String(index).padStart(30, '0')}`),
        revokedAt: now - index,
        reason,
      }));
      const der = await list(issuer, entries, 4711);
      expect(opensslSaysOfSignature(issuer, der)).toContain('verify OK');
      const text = opensslCrl(der, '-text', '-noout');
      expect(text).toContain('4711');
      expect(text.match(/Serial Number: /g)).toHaveLength(entries.length);
      for (const reason of [
        'Key Compromise',
        'CA Compromise',
        'Affiliation Changed',
        'Superseded',
        'Cessation Of Operation',
        'Privilege Withdrawn',
        'AA Compromise',
      ]) {
        expect(text).toContain(reason);
      }
      expect(text).not.toContain('Unspecified');
      expect(text).toContain('Authority Key Identifier');
    },
  );

  it('refuses a revoked certificate in openssl verify, and passes another', async () => {
    const issuer = await makeIssuer();
    const [good, bad] = [await issue({ issuer }), await issue({ issuer })];
    const entry = { serial: bad.serial, revokedAt: now, reason: 'superseded' } as const;
    const revocationList = await list(issuer, [entry]);
    expect(opensslVerify({ issuer, der: good.der, revocationList })).toContain('OK');
    expect(() => opensslVerify({ issuer, der: bad.der, revocationList })).toThrow(/revoked/);
  });

  it('without entries leaves them out, as openssl wants', async () => {
    expect(opensslCrl(await list(await makeIssuer(), []), '-text', '-noout')).toContain(
      'No Revoked Certificates',
    );
  });

  it('writes serial numbers of one to twenty octets and times after 2049', async () => {
    const issuer = await makeIssuer();
    const entries = [
      {
        serial: asSerialNumber('02'),
        revokedAt: Date.UTC(2051) / 1000,
        reason: 'unspecified' as const,
      },
      {
        serial: asSerialNumber(`00${'ff'.repeat(20)}`),
        revokedAt: now + 13 * 3600 + 7 * 60 + 9,
        reason: 'unspecified' as const,
      },
    ];
    const text = opensslCrl(await list(issuer, entries), '-text', '-noout');
    expect(text).toContain('Serial Number: 02');
    expect(text).toContain('Jan  1 00:00:00 2051 GMT');
    expect(text).toContain('Nov 20 13:07:09 2026 GMT');
    expect(text).toContain('F'.repeat(40));
  });

  it('does not leave with a faulty signature', async () => {
    const issuer = await makeIssuer();
    const signer = {
      ...issuer.signer,
      sign: (data: Uint8Array) => sign('sha256', data, makeKey('prime256v1')),
    };
    await expect(list({ ...issuer, signer }, [])).rejects.toThrow(/does not verify/);
  });

  it('of 20,000 entries is read whole by openssl', async () => {
    const issuer = await makeIssuer();
    const entries = Array.from({ length: 20_000 }, () => ({
      serial: newSerialNumber(randomBytes),
      revokedAt: now,
      reason: 'superseded' as const,
    }));
    const der = await list(issuer, entries);
    expect(opensslCrl(der, '-text', '-noout').match(/Serial Number: /g)).toHaveLength(20_000);
  });

  it('is the same in one page and in many', async () => {
    const issuer = await makeIssuer();
    const lines = Array.from({ length: 300 }, (_, index) =>
      linesOf([
        { serial: asSerialNumber(`40${index + 1000}`), revokedAt: now, reason: 'superseded' },
      ]),
    );
    const { der, signature } = await buildRevocationList(content(issuer, lines));
    const whole = content(issuer, [lines.join('')]);
    expect(await restoreRevocationList(whole, signature)).toEqual(der);
  });

  it('is restored from its signature and the same content alone', async () => {
    const issuer = await makeIssuer();
    const [one, other] = ['41', '42'].map((serial) =>
      linesOf([{ serial: asSerialNumber(serial), revokedAt: now, reason: 'superseded' }]),
    );
    const pages = [String(one), String(other)];
    const { der, signature } = await buildRevocationList(content(issuer, pages));
    expect(await restoreRevocationList(content(issuer, pages), signature)).toEqual(der);
    for (const changed of [[], pages.slice(1), [...pages].reverse()])
      expect(await restoreRevocationList(content(issuer, changed), signature)).toBeUndefined();
    const fields = content(issuer, pages);
    for (const changed of [{ number: 2 }, { thisUpdate: now + 1 }, { issuer: await makeIssuer() }])
      expect(await restoreRevocationList({ ...fields, ...changed }, signature)).toBeUndefined();
    const damaged = Buffer.from(signature);
    damaged[10] = (damaged[10] ?? 0) ^ 1;
    expect(await restoreRevocationList(fields, damaged)).toBeUndefined();
  });

  it('knows the reasons of RFC 5280 but for a hold', () => {
    expect(isRevocationReason('keyCompromise')).toBe(true);
    for (const text of [
      'certificateHold',
      'removeFromCRL',
      'KeyCompromise',
      '',
      'toString',
      '__proto__',
    ]) {
      expect(isRevocationReason(text)).toBe(false);
    }
  });
});

function opensslSaysOfSignature(issuer: Issuer, der: Uint8Array): string {
  return withFiles({ ca: encodePem('CERTIFICATE', issuer.certificate.der) }, (path) => {
    const args = ['crl', '-inform', 'DER', '-noout', '-verify', '-CAfile', path('ca')];
    return spawnSync('openssl', args, { input: der }).stderr.toString();
  });
}
