import { describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bring, makeRoot } from '../support/authority-files.js';
import { commandLine } from '../support/command-line.js';
import { pair, startTestGateway, temporaryHome } from '../support/gateway.js';
import type { Holder, TestGateway } from '../support/gateway.js';
import { askByOpenssl } from '../support/ocsp.js';
import { caFileOf, clockOfThePast, renewed, rollOver, rotate } from '../support/roll-over.js';
import { outputOf } from '../support/run.js';

const day = 86_400;

/** What OCSP says of a certificate of the authority in `issuerPem`, verified by openssl on the gateway's time. */
async function statusOf(
  gateway: TestGateway,
  { certPem }: Pick<Holder, 'certPem'>,
  issuerPem: string,
): Promise<string | undefined> {
  const trusted = join(temporaryHome(), 'trusted.crt');
  writeFileSync(trusted, issuerPem);
  const more = ['-attime', String(gateway.clock.now()), '-validity_period', String(5000 * day)];
  const options = { issuerPem, trust: ['-CAfile', trusted], more };
  const { text } = await askByOpenssl(gateway, { certPem }, options);
  expect(text).toContain('Response verify OK');
  return /asked\.crt: (\w+)/.exec(text)?.[1];
}

describe('OCSP in a roll-over', () => {
  it('tells of the certificates of both, and of a retired authority too', async () => {
    const gateway = await startTestGateway({}, clockOfThePast());
    const oldFile = gateway.ca;
    const [holder, gone] = [await pair(gateway), await pair(gateway, 'gone')];
    await rollOver(gateway);
    const successor = await renewed(gateway, holder);
    const newFile = caFileOf(gateway).replace(oldFile, '');
    expect(await statusOf(gateway, holder, oldFile)).toBe('good');
    expect(await statusOf(gateway, successor, newFile)).toBe('good');

    await commandLine(gateway, `certificate revoke ${gone.sha256}`);
    gateway.clock.advance(60);
    await rotate(gateway, 'retire');
    expect(await statusOf(gateway, holder, oldFile)).toBe('good');
    expect(await statusOf(gateway, gone, oldFile)).toBe('revoked');
    await commandLine(gateway, `certificate revoke ${holder.sha256}`);
    expect(await statusOf(gateway, holder, oldFile)).toBe('revoked');
    const again = await gateway.restart();
    expect(await statusOf(again, holder, oldFile)).toBe('revoked');
    expect(await statusOf(again, successor, newFile)).toBe('good');
  });

  it('tells of both where the CA certificate was renewed with its name and key', async () => {
    const folder = temporaryHome();
    const root = await makeRoot({ folder, name: 'Root' });
    const again = join(folder, 'again.crt');
    const config = ['-config', join(folder, 'Root.cnf'), '-extensions', 'extensions'];
    const words = ['-x509', '-key', root.keyFile, '-days', '900', ...config];
    await outputOf(['openssl', 'req', ...words, '-subj', '/O=Example/CN=Root', '-out', again]);
    const gateway = await startTestGateway(bring(root));
    const holder = await pair(gateway);

    await rotate(gateway, `prepare --cert-file ${again} --key-file ${root.keyFile}`);
    await rotate(gateway, 'activate');

    const successor = await renewed(gateway, holder);
    const newFile = readFileSync(again, 'utf8');
    expect(successor.issuer).toBe(
      new X509Certificate(newFile).fingerprint256.replaceAll(':', '').slice(0, 16).toLowerCase(),
    );
    for (const issuerPem of [gateway.ca, newFile]) {
      expect(await statusOf(gateway, holder, issuerPem)).toBe('good');
      expect(await statusOf(gateway, successor, issuerPem)).toBe('good');
    }
    await commandLine(gateway, `certificate revoke ${successor.sha256}`);
    expect(await statusOf(gateway, successor, newFile)).toBe('revoked');
    expect(await statusOf(gateway, holder, newFile)).toBe('good');
  });
});
