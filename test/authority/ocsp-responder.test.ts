import { describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePem } from '../../src/pki/pem.js';
import { callAdmin, pair, startTestGateway, temporaryHome } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { makeOpensslAuthority } from '../support/openssl-authority.js';
import { makeIntermediate } from '../support/openssl-intermediate.js';
import {
  askByOpenssl,
  makeOcspRequest,
  ocspErrors,
  postOcsp,
  startWithPkiUrl,
} from '../support/ocsp.js';
import { eventsOf, recordedCertificates } from '../support/record.js';
import { outputOf } from '../support/run.js';

const day = 86_400;

/** SHA-256 of every responder certificate on record, oldest first. */
async function responders(gateway: TestGateway): Promise<string[]> {
  const rows = await recordedCertificates(gateway, 'ocsp');
  return rows.sort((one, other) => one.not_before - other.not_before).map(({ sha256 }) => sha256);
}

/** What openssl reads in the one certificate of a kind. */
async function recordedText(gateway: TestGateway, kind: string): Promise<string> {
  const [row] = await recordedCertificates(gateway, kind);
  const file = join(temporaryHome(), 'certificate.crt');
  writeFileSync(file, encodePem('CERTIFICATE', Buffer.from(String(row?.der), 'base64')));
  return outputOf(['openssl', 'x509', '-in', file, '-noout', '-text']);
}

function questionAbout(gateway: TestGateway, certPem: string): Uint8Array {
  const serial = new X509Certificate(certPem).serialNumber.toLowerCase();
  return makeOcspRequest({ questions: [{ issuerPem: gateway.ca, serial }] });
}

/** openssl on the gateway's time instead of the real one. */
function then(gateway: TestGateway): readonly string[] {
  return ['-attime', String(gateway.clock.now()), '-validity_period', String(5000 * day)];
}

describe('the certificate of the responder', () => {
  it('is made for the first request, on record and audited', async () => {
    const gateway = await startTestGateway();
    const { certPem } = await pair(gateway);
    gateway.clock.advance(7200);
    expect(await responders(gateway)).toEqual([]);
    await postOcsp(gateway, questionAbout(gateway, certPem));
    const [row, ...more] = await recordedCertificates(gateway, 'ocsp');
    expect(more).toEqual([]);
    const now = gateway.clock.now();
    expect(row).toMatchObject({ issued_at: now, not_after: now + 14 * day, predecessor: null });
    // Relying parties may be an hour behind.
    expect(row?.not_before).toBe(now - 3600);
    const [event] = await eventsOf(gateway, 'certificate.ocsp');
    expect(event).toMatchObject({ actor: 'gateway', certificate: row?.sha256, level: 'info' });
    expect(JSON.stringify(gateway.logs)).not.toContain('PRIVATE KEY');
  });

  it('does not begin before its authority', async () => {
    const gateway = await startTestGateway();
    const { certPem } = await pair(gateway);
    const start = gateway.clock.now();
    gateway.clock.advance(600);
    await postOcsp(gateway, questionAbout(gateway, certPem));
    const [row] = await recordedCertificates(gateway, 'ocsp');
    expect(row).toMatchObject({ not_before: start, issued_at: start + 600 });
    // The others begin when they are issued.
    const [client] = await recordedCertificates(gateway, 'application');
    expect(client).toMatchObject({ not_before: start, issued_at: start });
  });

  it('is made once for many first requests at once', async () => {
    const gateway = await startTestGateway();
    const { certPem } = await pair(gateway);
    const question = questionAbout(gateway, certPem);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => postOcsp(gateway, question)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await responders(gateway)).toHaveLength(1);
  });

  it('may sign OCSP answers alone, and points nowhere; the others point to the responder', async () => {
    const gateway = await startWithPkiUrl();
    const { certPem } = await pair(gateway);
    await postOcsp(gateway, questionAbout(gateway, certPem));
    const text = await recordedText(gateway, 'ocsp');
    expect(text).toMatch(/Extended Key Usage: \n +OCSP Signing\n/);
    expect(text).toMatch(/Key Usage: critical\n +Digital Signature\n/);
    expect(text).toContain('OCSP No Check');
    expect(text).not.toContain('http://');
    for (const kind of ['application', 'server']) {
      const pointer = `OCSP - URI:${gateway.urls.pki}/pki/ocsp\n`;
      expect(await recordedText(gateway, kind)).toContain(pointer);
    }
  });

  it('is made anew when half of its life is over, not before', async () => {
    const gateway = await startTestGateway();
    const { certPem } = await pair(gateway);
    await askByOpenssl(gateway, { certPem });
    gateway.clock.advance(7 * day - 1);
    const kept = await askByOpenssl(gateway, { certPem }, { more: then(gateway) });
    expect(kept.text).toMatch(/verify OK[^]*crt: good/);
    expect(await responders(gateway)).toHaveLength(1);
    gateway.clock.advance(1);
    const renewed = await askByOpenssl(gateway, { certPem }, { more: then(gateway) });
    expect(renewed.text).toMatch(/verify OK[^]*crt: good/);
    const [first, second, ...more] = await responders(gateway);
    expect(more).toEqual([]);
    expect(second).not.toBe(first);
    gateway.clock.advance(100 * day);
    const later = await askByOpenssl(gateway, { certPem }, { more: then(gateway) });
    expect(later.text).toMatch(/verify OK[^]*crt: good/);
  });

  it('is replaced at once when it is revoked', async () => {
    const gateway = await startTestGateway();
    const { certPem } = await pair(gateway);
    await postOcsp(gateway, questionAbout(gateway, certPem));
    const [hash] = await responders(gateway);
    const before = await answeredBy(gateway, certPem);
    await callAdmin(gateway, 'post', '/v1/applications/certificates/revocations')
      .send({ hash, reason: 'keyCompromise' })
      .expect(201);
    expect(await answeredBy(gateway, certPem)).not.toBe(before);
    expect(await responders(gateway)).toHaveLength(2);
  });

  it('is another after a restart, since its key is kept nowhere', async () => {
    const gateway = await startTestGateway();
    const { certPem } = await pair(gateway);
    const before = await answeredBy(gateway, certPem);
    const again = await gateway.restart();
    expect(await answeredBy(again, certPem)).not.toBe(before);
  });

  it('stays in use to the end of its authority; without one the answer is `tryLater`', async () => {
    const gateway = await startTestGateway({ EVERLEAF_CA_VALIDITY: '10d' });
    const { certPem } = await pair(gateway);
    const question = questionAbout(gateway, certPem);
    await postOcsp(gateway, question);
    gateway.clock.advance(10 * day - 1800);
    const { text } = await askByOpenssl(gateway, { certPem }, { more: then(gateway) });
    expect(text).toMatch(/verify OK[^]*crt: good/);
    expect(await responders(gateway)).toHaveLength(1);
    gateway.clock.advance(1801);
    const late = await postOcsp(gateway, question);
    expect((late.body as Buffer).toString('hex')).toBe(ocspErrors.tryLater);
    expect(await responders(gateway)).toHaveLength(1);
  });
});

describe('an answer can be verified under', () => {
  it.each(['rsa-2048', 'ec-p384'])('an authority with a key of %s', async (keyType) => {
    const gateway = await startTestGateway({ EVERLEAF_CA_KEY_TYPE: keyType });
    const { certPem } = await pair(gateway);
    expect((await askByOpenssl(gateway, { certPem })).text).toMatch(/verify OK[^]*crt: good/);
  });

  it('a root that the operator brought', async () => {
    const { settings } = await makeOpensslAuthority({ folder: temporaryHome(), name: 'root' });
    const gateway = await startTestGateway(settings);
    const { certPem } = await pair(gateway);
    expect((await askByOpenssl(gateway, { certPem })).text).toMatch(/verify OK[^]*crt: good/);
  });

  it('an intermediate that the operator brought, with the root as the only trust', async () => {
    const folder = temporaryHome();
    const root = await makeOpensslAuthority({ folder, name: 'root' });
    const intermediate = await makeIntermediate({ folder, root });
    const gateway = await startTestGateway(intermediate.settings);
    const { certPem } = await pair(gateway);
    const issuerPem = readFileSync(intermediate.certFile, 'utf8');
    const { text } = await askByOpenssl(gateway, { certPem }, { issuerPem });
    expect(text).toMatch(/verify OK[^]*crt: good/);
    const byRoot = await askByOpenssl(gateway, { certPem });
    expect(byRoot.text).toContain('Responder Error: unauthorized (6)');
  });
});

/** The name (by key) of the responder that signs the answer. */
async function answeredBy(gateway: TestGateway, certPem: string): Promise<string | undefined> {
  const { text } = await askByOpenssl(gateway, { certPem });
  expect(text).toContain('Response verify OK');
  return /Responder Id: ([0-9A-F]{40})/.exec(text)?.[1];
}
