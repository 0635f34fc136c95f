import { describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { call, createToken, csrBody, decodeAnswer, pair, renew } from '../support/gateway.js';
import { holderFrom, startTestGateway, subjectOf, temporaryHome } from '../support/gateway.js';
import { eventsOf, recordedCertificates, rowCounts, successorsOf } from '../support/record.js';
import { makeKey } from '../support/requests.js';
import { plainSerial } from '../support/revocation-list.js';
import { outputOf } from '../support/run.js';

const hour = 3600;
const day = 24 * hour;

function secondsOf(date: string): number {
  return Date.parse(date) / 1000;
}

describe('a new certificate', () => {
  it('CS-3: lives as long as the setting says', async () => {
    const gateway = await startTestGateway({ EVERLEAF_CLIENT_VALIDITY: '30m' });

    const certificate = new X509Certificate((await pair(gateway)).certPem);

    expect(secondsOf(certificate.validFrom)).toBe(gateway.clock.now());
    expect(secondsOf(certificate.validTo)).toBe(gateway.clock.now() + 1800);
  });

  it('HI-C12: ends with its authority where it would outlive it', async () => {
    const gateway = await startTestGateway({ EVERLEAF_CA_VALIDITY: '30d' });

    const { certPem } = await pair(gateway);

    expect(new X509Certificate(certPem).validTo).toBe(new X509Certificate(gateway.ca).validTo);
  });

  it('HI-C12: is still issued an hour before the end of the authority, and refused after', async () => {
    const gateway = await startTestGateway({ EVERLEAF_CA_VALIDITY: '30d' });
    const holder = await pair(gateway);
    gateway.clock.advance(30 * day - hour);
    await renew(gateway, holder, { key: makeKey('prime256v1') }).expect(201);

    gateway.clock.advance(1);
    const token = await createToken(gateway, 'app');
    const before = await rowCounts(gateway);

    const { body, status } = await renew(gateway, holder, { key: makeKey('prime256v1') });
    expect({ status, body }).toMatchObject({ status: 503, body: { reason: 'authority-ending' } });
    const path = `/v1/applications/certificates?token=${token}`;
    const csr = csrBody({ key: makeKey('prime256v1'), subject: subjectOf('app') });
    await call(gateway, 'post', path).send(csr).expect(503);
    expect(await rowCounts(gateway)).toEqual(before);
  });

  it('CS-0: has a random serial number of its own, positive and of 64 bits or more', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);

    const answers = await Promise.all(
      Array.from({ length: 30 }, () => renew(gateway, holder).expect(201)),
    );

    const serials = answers.map(
      ({ body }) => new X509Certificate(decodeAnswer(body).clientCrt).serialNumber,
    );
    expect(new Set(serials).size).toBe(30);
    for (const serial of serials) {
      expect(serial.length).toBeGreaterThanOrEqual(15);
      expect(serial.length).toBeLessThanOrEqual(40);
    }
    // Neighbours of a counter would share what comes first.
    expect(new Set(serials.map((serial) => serial.slice(0, 6))).size).toBeGreaterThan(20);
  });

  it('CS-0: is on record, byte by byte, with its predecessor, its line and its audit event', async () => {
    const gateway = await startTestGateway();
    const first = await pair(gateway);
    const key = makeKey('prime256v1');
    const { body } = await renew(gateway, first, { key }).expect(201);
    const second = holderFrom(body, { application: 'app', key });

    const { body: last } = await renew(gateway, second).expect(201);

    const third = holderFrom(last, second);
    const [row] = await successorsOf(gateway, second.sha256);
    const certificate = new X509Certificate(third.certPem);
    expect(row).toMatchObject({
      sha256: third.sha256,
      der: certificate.raw.toString('base64'),
      serial: certificate.serialNumber.toLowerCase().padStart(row?.serial.length ?? 0, '0'),
      kind: 'application',
      holder: 'app',
      line: first.sha256,
      not_after: secondsOf(certificate.validTo),
      revoked_at: null,
    });
    const [enrolled] = await eventsOf(gateway, 'certificate.enrolled');
    expect(enrolled).toMatchObject({ certificate: first.sha256, actor: 'application:app' });
    const renewals = await eventsOf(gateway, 'certificate.renewed');
    expect(renewals.map((event) => event.certificate)).toEqual([second.sha256, third.sha256]);
    expect(JSON.parse(renewals[1]?.detail ?? '')).toMatchObject({ predecessor: second.sha256 });
    expect(await recordedCertificates(gateway)).toHaveLength(3);
  });

  it('CS-3: passes the strict verification of openssl for every kind of key', async () => {
    const gateway = await startTestGateway({ EVERLEAF_PKI_URL: 'http://pki.example.com' });
    for (const type of ['rsa-2048', 'prime256v1', 'secp521r1', 'ed25519'] as const) {
      const { certPem } = await pair(gateway, type, type);
      const file = join(temporaryHome(), 'app.crt');
      writeFileSync(file, certPem);
      const words = ['-x509_strict', '-purpose', 'sslclient', '-CAfile'];
      const caFile = join(gateway.home, 'ca.crt');

      expect(await outputOf(['openssl', 'verify', ...words, caFile, file])).toBe(`${file}: OK`);
    }
  });

  it('CS-0: is the same in the record as the serial that openssl prints', async () => {
    const gateway = await startTestGateway();
    const { certPem } = await pair(gateway);

    const printed = await outputOf(['openssl', 'x509', '-noout', '-serial'], { input: certPem });

    const [row] = await recordedCertificates(gateway);
    expect(plainSerial(row?.serial ?? '')).toBe(plainSerial(printed.replace('serial=', '')));
  });
});
