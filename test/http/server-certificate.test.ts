import { describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestGateway } from '../support/gateway.js';
import { call, pair, startTestGateway, temporaryHome, testClock } from '../support/gateway.js';
import { makeOpensslAuthority, signOutside } from '../support/openssl-authority.js';
import type { OpensslAuthority } from '../support/openssl-authority.js';
import { countCertificates } from '../support/refusals.js';
import { outputOf } from '../support/run.js';
import { ask, openTls, requestText } from '../support/wire.js';

const day = 86_400;

/** The certificate that a listener presents now. */
async function presented(
  gateway: TestGateway,
  listener: 'gateway' | 'admin' = 'gateway',
  ca: string = gateway.ca,
): Promise<X509Certificate> {
  const socket = await openTls(gateway, { ca }, gateway.urls[listener]);
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) throw new Error('the listener presented no certificate');
  return certificate;
}

/** A gateway whose clock may be put forward without leaving its certificates in the future of the TLS clients. */
async function startLongAgo(days: number): Promise<TestGateway> {
  const clock = testClock();
  clock.advance(-days * day);
  return await startTestGateway({}, clock);
}

describe('the server certificate that the gateway makes', () => {
  it('names its hosts, is on record, and its key is sealed and closed to others', async () => {
    const gateway = await startTestGateway({ EVERLEAF_PKI_URL: 'http://pki.example' });
    const certificate = await presented(gateway);
    expect(certificate.subjectAltName).toBe(
      'DNS:localhost, DNS:pki.example, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
    );
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect((await presented(gateway, 'admin')).raw).toEqual(certificate.raw);
    expect(await countCertificates(gateway)).toEqual({ server: 1 });
    const keyFile = join(gateway.home, 'server.key.sealed');
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    expect(readFileSync(keyFile, 'utf8')).not.toContain('PRIVATE KEY');
  });

  it('stays the same over a restart', async () => {
    const gateway = await startTestGateway();
    const before = await presented(gateway);
    const after = await presented(await gateway.restart());
    expect(after.raw).toEqual(before.raw);
  });

  it.each([
    ['the hosts change', { EVERLEAF_ADMIN_URL: 'https://admin.example' }, () => undefined],
    [
      'the key is damaged',
      {},
      (home: string) => writeFileSync(join(home, 'server.key.sealed'), 'v1.garbage'),
    ],
    [
      'the certificate is cut off',
      {},
      (home: string) =>
        writeFileSync(join(home, 'server.crt'), '-----BEGIN CERTIFICATE-----\nMIIB'),
    ],
    ['it is gone', {}, (home: string) => rmSync(join(home, 'server.crt'))],
  ])('is made anew when %s', async (_case, settings, spoil) => {
    const gateway = await startTestGateway();
    const before = await presented(gateway);
    await gateway.stop();
    spoil(gateway.home);
    const again = await gateway.restart(settings);
    const after = await presented(again);
    expect(after.serialNumber).not.toBe(before.serialNumber);
    if ('EVERLEAF_ADMIN_URL' in settings) expect(after.subjectAltName).toContain('admin.example');
    expect(await countCertificates(again)).toEqual({ server: 2 });
  });

  it('is swapped on live listeners when two thirds of its life are over, and not before', async () => {
    const gateway = await startLongAgo(62);
    const holder = await pair(gateway);
    const [before, kept] = [await presented(gateway), await openTls(gateway, { holder })];
    gateway.clock.advance(Math.floor((92 * day * 2) / 3) - 1);
    await gateway.refreshServerCertificate();
    expect((await presented(gateway)).raw).toEqual(before.raw);
    gateway.clock.advance(2);
    await gateway.refreshServerCertificate();
    const after = await presented(gateway);
    expect(after.raw).not.toEqual(before.raw);
    expect((await presented(gateway, 'admin')).raw).toEqual(after.raw);
    // Client certificates are still asked for, and open connections go on.
    const info = requestText('GET', '/v1/applications/management/info');
    expect((await ask(kept, info)).status).toBe(200);
    await call(gateway, 'get', '/v1/applications/management/info', holder).expect(200);
    await call(gateway, 'get', '/v1/applications/management/info').expect(401);
  });

  it('stays in use when a new one cannot be had, and the log says why', async () => {
    const gateway = await startLongAgo(70);
    const before = await presented(gateway);
    gateway.clock.advance(70 * day);
    await gateway.database.db.schema.alterTable('certificates').renameTo('away').execute();
    await gateway.refreshServerCertificate();
    expect((await presented(gateway)).raw).toEqual(before.raw);
    expect(gateway.logs.filter(({ level }) => level === 'error')).toContainEqual(
      expect.objectContaining({
        message: 'the server certificate could not be renewed: the old one stays in use',
      }),
    );
    await gateway.database.db.schema.alterTable('away').renameTo('certificates').execute();
    await gateway.refreshServerCertificate();
    expect((await presented(gateway)).raw).not.toEqual(before.raw);
  });
});

/** The operator's own pair in files, for localhost. */
function operatorFiles(folder: string, authority: OpensslAuthority) {
  const [certFile, keyFile] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
  const extensions = ['subjectAltName=DNS:localhost', 'extendedKeyUsage=serverAuth'];
  const write = async (): Promise<string> => {
    const { certPem, keyPem } = await signOutside({
      folder,
      subject: '/CN=localhost',
      authority,
      extensions,
    });
    writeFileSync(certFile, certPem);
    writeFileSync(keyFile, keyPem);
    return certPem;
  };
  const settings = { EVERLEAF_TLS_CERT_FILE: certFile, EVERLEAF_TLS_KEY_FILE: keyFile };
  return { certFile, keyFile, write, settings };
}

describe('the server certificate that the operator brings', () => {
  it('is presented, and swapped on live listeners when the files change', async () => {
    const folder = temporaryHome();
    const authority = await makeOpensslAuthority({ folder, name: 'web' });
    const ca = readFileSync(authority.certFile, 'utf8');
    const files = operatorFiles(folder, authority);
    const first = await files.write();
    const gateway = await startTestGateway(files.settings);
    for (const listener of ['gateway', 'admin'] as const) {
      expect((await presented(gateway, listener, ca)).raw).toEqual(new X509Certificate(first).raw);
    }
    expect(await countCertificates(gateway)).toEqual({});
    const second = await files.write();
    await gateway.refreshServerCertificate();
    for (const listener of ['gateway', 'admin'] as const) {
      const { raw } = await presented(gateway, listener, ca);
      expect(raw).toEqual(new X509Certificate(second).raw);
    }
  });

  it('is refused while running when the pair does not fit or serve, and the old one stays', async () => {
    const folder = temporaryHome();
    const authority = await makeOpensslAuthority({ folder, name: 'web' });
    const ca = readFileSync(authority.certFile, 'utf8');
    const files = operatorFiles(folder, authority);
    const [first, firstKey] = [await files.write(), readFileSync(files.keyFile, 'utf8')];
    const gateway = await startTestGateway(files.settings);
    const spoilers: readonly (() => unknown)[] = [
      () => files.write().then(() => writeFileSync(files.keyFile, firstKey)),
      () => writeFileSync(files.certFile, 'damaged'),
      () => writeFileSync(files.certFile, `${first}-----BEGIN CERTIFICATE-----\nAAAA\n`),
      () => writeFileSync(files.keyFile, ''),
      () => rmSync(files.certFile),
      () => weakPair(files),
    ];
    for (const spoil of spoilers) {
      await spoil();
      await gateway.refreshServerCertificate();
      for (const listener of ['gateway', 'admin'] as const) {
        const { raw } = await presented(gateway, listener, ca);
        expect(raw).toEqual(new X509Certificate(first).raw);
      }
    }
    const errors = gateway.logs.filter(({ level }) => level === 'error');
    expect(errors).toHaveLength(spoilers.length);
    expect(JSON.stringify(errors)).not.toContain(firstKey.split('\n')[1]);
    const second = await files.write();
    await gateway.refreshServerCertificate();
    expect((await presented(gateway, 'admin', ca)).raw).toEqual(new X509Certificate(second).raw);
  });

  it.each([
    [
      'does not fit',
      (files: { keyFile: string }, other: string) => writeFileSync(files.keyFile, other),
      /EVERLEAF_TLS_KEY_FILE: the key in .* does not fit the certificate in /,
    ],
    [
      'is too weak for TLS',
      (files: { certFile: string; keyFile: string }) => weakPair(files),
      /EVERLEAF_TLS_CERT_FILE: .* cannot serve TLS \(ERR_SSL_EE_KEY_TOO_SMALL\)\.$/,
    ],
    [
      'cannot be read',
      (files: { certFile: string }) => rmSync(files.certFile),
      /EVERLEAF_TLS_CERT_FILE: .* cannot be read \(ENOENT\)\.$/,
    ],
  ])('stops the start with one sentence when it %s', async (_case, spoil, sentence) => {
    const folder = temporaryHome();
    const files = operatorFiles(folder, await makeOpensslAuthority({ folder, name: 'web' }));
    await files.write();
    const other = readFileSync(files.keyFile, 'utf8');
    await files.write();
    await spoil(files, other);
    const home = join(folder, 'home');
    const start = startTestGateway({ ...files.settings, EVERLEAF_HOME: home });
    await expect(start).rejects.toThrow(sentence);
    expect(() => chmodSync(home, 0o700)).toThrow('ENOENT');
  });
});

/** A pair that fits and that OpenSSL takes for no TLS server. */
async function weakPair(files: { certFile: string; keyFile: string }): Promise<void> {
  const words = ['-newkey', 'rsa:512', '-nodes', '-subj', '/CN=localhost', '-days', '9'];
  const out = ['-keyout', files.keyFile, '-out', files.certFile];
  await outputOf(['openssl', 'req', '-x509', ...words, ...out]);
}
