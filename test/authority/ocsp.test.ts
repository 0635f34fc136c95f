import { describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePem } from '../../src/pki/pem.js';
import { call, callAdmin, pair, startTestGateway, temporaryHome } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { makeOpensslAuthority, signOutside } from '../support/openssl-authority.js';
import { askByOpenssl, makeOcspRequest, ocspErrors, postOcsp } from '../support/ocsp.js';
import { recordedCertificates, rowCounts } from '../support/record.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { startReplicas } from '../support/replicas.js';

async function revoke(gateway: TestGateway, sha256: string, reason?: string): Promise<void> {
  await callAdmin(gateway, 'post', '/v1/applications/certificates/revocations')
    .send({ hash: sha256, ...(reason === undefined ? {} : { reason }) })
    .expect(201);
}

function serialOf(certPem: string): string {
  return new X509Certificate(certPem).serialNumber.toLowerCase();
}

function dateOf(seconds: number): string {
  const [, day = '', month, year, time] =
    /, (\d\d) (\w+) (\d+) (\S+)/.exec(new Date(seconds * 1000).toUTCString()) ?? [];
  return `${String(month)} ${day.replace(/^0/, ' ')} ${String(time)} ${String(year)} GMT`;
}

describe('openssl asks for the status of a certificate', () => {
  it.each(['-sha1', '-sha256'] as const)('and is told that it is good: %s', async (digest) => {
    const gateway = await startTestGateway();
    const { certPem } = await pair(gateway);
    const { code, text } = await askByOpenssl(gateway, { certPem }, { digest });
    const now = gateway.clock.now();
    expect(code).toBe(0);
    expect(text).toContain('Response verify OK');
    expect(text).toContain('asked.crt: good\n');
    expect(text).toContain(`This Update: ${dateOf(now)}`);
    expect(text).toContain(`Next Update: ${dateOf(now + 3600)}`);
    expect(text).not.toContain('WARNING');
  });

  it('and may trust the certificate of the responder alone', async () => {
    const gateway = await startTestGateway();
    const { certPem } = await pair(gateway);
    await askByOpenssl(gateway, { certPem });
    const [responder] = await recordedCertificates(gateway, 'ocsp');
    const file = join(gateway.home, 'responder.crt');
    writeFileSync(file, encodePem('CERTIFICATE', Buffer.from(String(responder?.der), 'base64')));
    const { text } = await askByOpenssl(gateway, { certPem }, { trust: ['-VAfile', file] });
    expect(text).toMatch(/verify OK[^]*crt: good/);
    const nobody = await askByOpenssl(gateway, { certPem }, { trust: [] });
    expect(nobody.text).toContain('Response Verify Failure');
  });

  it('and gets its nonce back, or none where it sent none', async () => {
    const gateway = await startTestGateway();
    const { certPem } = await pair(gateway);
    const echoed = await askByOpenssl(gateway, { certPem }, { more: ['-nonce'] });
    expect(echoed.text).toContain('OCSP Nonce');
    expect(echoed.text).not.toContain('WARNING');
    const without = await askByOpenssl(gateway, { certPem }, { more: ['-no_nonce'] });
    expect(without.text).toContain('asked.crt: good');
    expect(without.text).not.toContain('Nonce');
  });

  it.each([
    ['keyCompromise', /Reason: keyCompromise/],
    ['superseded', /Reason: superseded/],
    ['unspecified', /: revoked\n(?!.*Reason)/],
  ])('and learns of a revocation within the same second: %s', async (reason, words) => {
    const gateway = await startTestGateway();
    const { certPem, sha256 } = await pair(gateway);
    expect((await askByOpenssl(gateway, { certPem })).text).toContain('asked.crt: good');
    await revoke(gateway, sha256, reason);
    const { text } = await askByOpenssl(gateway, { certPem });
    expect(text).toContain('Response verify OK');
    expect(text).toContain('asked.crt: revoked\n');
    expect(text).toContain(`Revocation Time: ${dateOf(gateway.clock.now())}`);
    expect(text).toMatch(words);
    gateway.clock.advance(60);
    expect((await askByOpenssl(gateway, { certPem })).text).toContain(
      `Revocation Time: ${dateOf(gateway.clock.now() - 60)}`,
    );
  });

  it('and learns that the holder itself revoked it', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    await call(gateway, 'post', '/v1/applications/certificates/revocations', holder).expect(201);
    expect((await askByOpenssl(gateway, holder)).text).toContain('asked.crt: revoked');
  });

  it('and finds an expired one good, since it was never revoked', async () => {
    const gateway = await startTestGateway({ EVERLEAF_CLIENT_VALIDITY: '30m' });
    const holder = await pair(gateway);
    gateway.clock.advance(3600);
    const more = ['-validity_period', '4000', '-attime', String(gateway.clock.now())];
    const { text } = await askByOpenssl(gateway, holder, { more });
    expect(text).toContain('Response verify OK');
    expect(text).toContain('asked.crt: good');
  });

  it('and is told `unknown` of a serial number that was never issued', async () => {
    const gateway = await startTestGateway();
    const { text } = await askByOpenssl(gateway, { serial: '4711' });
    expect(text).toContain('Response verify OK');
    expect(text).toContain('0x4711: unknown');
  });
});

describe('the responder', () => {
  it('knows nothing of an issuer of the same name with another key', async () => {
    const gateway = await startTestGateway();
    const folder = temporaryHome();
    const subject = '/O=Organization/CN=Everleaf CA';
    const authority = await makeOpensslAuthority({ folder, name: 'other', subject });
    const { certPem } = await signOutside({ folder, authority, subject: '/CN=app' });
    const issuerPem = readFileSync(authority.certFile, 'utf8');
    const { text } = await askByOpenssl(gateway, { certPem }, { issuerPem });
    expect(text).toContain('Responder Error: unauthorized (6)');
  });

  it('answers about none where one of several has a foreign issuer, and makes no certificate', async () => {
    const gateway = await startTestGateway();
    const { certPem } = await pair(gateway);
    const serial = serialOf(certPem);
    const ours = { issuerPem: gateway.ca, serial };
    const rows = await rowCounts(gateway);
    for (const questions of [
      [ours, { issuerPem: certPem, serial }],
      [{ ...ours, digest: 'sha384' as const }],
    ]) {
      const { status, body } = await postOcsp(gateway, makeOcspRequest({ questions }));
      expect(status).toBe(200);
      expect((body as Buffer).toString('hex')).toBe(ocspErrors.unauthorized);
    }
    expect(await rowCounts(gateway)).toEqual(rows);
    expect(await recordedCertificates(gateway, 'ocsp')).toEqual([]);
  });

  it('answers about several at once, in their order', async () => {
    const gateway = await startTestGateway();
    const [first, second] = [await pair(gateway, 'first'), await pair(gateway, 'second')];
    await revoke(gateway, second.sha256);
    const { text } = await askByOpenssl(gateway, first, { more: ['-serial', '0x4711'] });
    expect(text).toMatch(/asked\.crt: good[^]*0x4711: unknown/);
    const questions = [second, first].map(({ certPem }) => ({
      issuerPem: gateway.ca,
      serial: serialOf(certPem),
    }));
    const { body } = await postOcsp(gateway, makeOcspRequest({ questions }));
    const hex = (body as Buffer).toString('hex');
    const places = questions.map(({ serial }) => hex.indexOf(serial));
    expect(places[0]).toBeGreaterThan(0);
    expect(places[1]).toBeGreaterThan(Number(places[0]));
  });

  it('says nothing of an adopted certificate, whose serial number is not its own', async () => {
    const gateway = await startTestGateway();
    const { certPem, sha256 } = await pair(gateway);
    await gateway.database.db
      .updateTable('certificates')
      .set({ origin: 'adopted' })
      .where('sha256', '=', sha256)
      .execute();
    await revoke(gateway, sha256);
    expect((await askByOpenssl(gateway, { certPem })).text).toContain('asked.crt: unknown');
  });
});

describeOnEachDatabase('two gateways on one record', (fresh) => {
  it('answer alike at once, each by a responder of its own', async () => {
    const [one, other] = await startReplicas((await fresh()).url);
    const holder = await pair(one);
    for (const gateway of [one, other]) {
      expect((await askByOpenssl(gateway, holder)).text).toMatch(/verify OK[^]*crt: good/);
    }
    await revoke(one, holder.sha256);
    for (const gateway of [one, other]) {
      expect((await askByOpenssl(gateway, holder)).text).toMatch(/verify OK[^]*crt: revoked/);
    }
    expect(await recordedCertificates(one, 'ocsp')).toHaveLength(2);
  });
});
