import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Application } from '../support/application.js';
import { isPair, keyOptions, pairApplication, serialOf } from '../support/application.js';
import { openFaultyGateway } from '../support/faulty-gateway.js';
import type { GatewayProcess } from '../support/gateway-process.js';
import { startGatewayProcess } from '../support/gateway-process.js';
import type { Ended } from '../support/run.js';
import { outputOf, run } from '../support/run.js';

let gateway: GatewayProcess;
let place: string;
let folder: string;

beforeAll(async () => {
  gateway = await startGatewayProcess();
  place = await mkdtemp(join(tmpdir(), 'everleaf-renew-'));
});
afterAll(async () => {
  await gateway.stop();
  await rm(place, { recursive: true, force: true });
});
beforeEach(async () => {
  folder = await mkdtemp(join(place, 'test-'));
});

const paired = new Map<string, Promise<Application>>();

/** An application's first pair in the test's own folder; it is paired once, and each test gets a copy. */
async function pair(name = 'my-app', key: keyof typeof keyOptions = 'p-256'): Promise<Application> {
  const known = paired.get(`${name} ${key}`);
  const first =
    known ??
    mkdtemp(join(place, 'app-')).then((own) =>
      pairApplication({ gateway, folder: own, name, key }),
    );
  if (!known) paired.set(`${name} ${key}`, first);
  const { certFile, keyFile, chainPem } = await first;
  const copies = { certFile: join(folder, 'app.crt'), keyFile: join(folder, 'app.key') };
  await copyFile(certFile, copies.certFile);
  await copyFile(keyFile, copies.keyFile);
  return { ...copies, chainPem };
}

/** renew.sh with the gateway's address in its environment. */
function renew(words: readonly string[], settings: Record<string, string> = {}): Promise<Ended> {
  const env = { ...gateway.environment, EVERLEAF_GATEWAY: gateway.gatewayUrl, ...settings };
  return run(['sh', 'scripts/renew.sh', ...words], { env });
}

const trusted = () => ['--cacert', gateway.caFile];

async function modeOf(file: string): Promise<number> {
  return (await stat(file)).mode & 0o777;
}

/** Everything in the folder, name by name. */
async function contentOf(place: string): Promise<Record<string, string>> {
  const names = await readdir(place);
  const texts = await Promise.all(names.map((name) => readFile(join(place, name), 'utf8')));
  return Object.fromEntries(names.map((name, at) => [name, texts[at] ?? '']));
}

describe('renew.sh', () => {
  it.each(Object.keys(keyOptions) as (keyof typeof keyOptions)[])(
    'replaces a certificate with an %s key by its successor',
    async (key) => {
      const { certFile, keyFile } = await pair('my-app', key);
      const before = await serialOf(certFile);

      const { code, stdout, stderr } = await renew([...trusted(), certFile, keyFile]);

      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/^renew: renewed .*app\.crt: serial \w+, valid until .* GMT/);
      expect(await serialOf(certFile)).not.toBe(before);
      expect(await serialOf(`${certFile}.prev`)).toBe(before);
      expect(await isPair(certFile, keyFile)).toBe(true);
      expect((await readdir(folder)).sort()).toEqual(['app.crt', 'app.crt.prev', 'app.key']);
    },
  );

  it.each(['my app', 'Bücher & Größen (2)', "o'neil $HOME `id`"])(
    'keeps the subject of %s',
    async (name) => {
      const { certFile, keyFile } = await pair(name);
      const subject = ['openssl', 'x509', '-noout', '-subject', '-nameopt', 'RFC2253'] as const;
      const before = await outputOf([...subject, '-in', certFile]);

      expect(await renew([...trusted(), certFile, keyFile])).toMatchObject({ code: 0 });

      expect(await outputOf([...subject, '-in', certFile])).toBe(before);
    },
  );

  it('takes the renewal URL, or the URL of the management info', async () => {
    const { certFile, keyFile } = await pair();
    const base = `${gateway.gatewayUrl}/v1/applications`;
    const none = { EVERLEAF_GATEWAY: '' };
    const files = [...trusted(), certFile, keyFile];

    expect(await renew([...files, `${base}/certificates/renewals`], none)).toMatchObject({
      code: 0,
    });
    const infoUrl = ['--info-url', `${base}/management/info`];
    expect(await renew([...infoUrl, ...files], none)).toMatchObject({ code: 0 });
    expect(await renew(files, none)).toMatchObject({ code: 2 });
  });

  it('trusts the CA by its SHA-256', async () => {
    const { certFile, keyFile } = await pair();
    const { caSha256 } = await gateway.createToken('other');

    const pinned = await renew(['--ca-sha256', caSha256, certFile, keyFile]);
    const upperCase = caSha256.toUpperCase().replace(/..(?=.)/g, '$&:');
    const withColons = await renew(['--ca-sha256', upperCase, certFile, keyFile]);
    const wrong = await renew(['--ca-sha256', 'ab'.repeat(32), certFile, keyFile]);

    expect([pinned.code, withColons.code, wrong.code]).toEqual([0, 0, 3]);
    expect(wrong.stderr).toMatch(/none of the certificates that localhost:\d+ presents/);
  });

  it('trusts no server that the trust store does not know', async () => {
    const { certFile, keyFile } = await pair();
    const before = await contentOf(folder);

    const { code, stderr } = await renew([certFile, keyFile]);

    expect(code).toBe(3);
    expect(stderr).toContain('is not trusted');
    expect(await contentOf(folder)).toEqual(before);
  });

  it('keeps a chain a chain, and the mode of the file', async () => {
    const { certFile, keyFile, chainPem } = await pair();
    await writeFile(certFile, chainPem);
    await chmod(certFile, 0o444);

    await renew([...trusted(), certFile, keyFile]);

    const text = await readFile(certFile, 'utf8');
    expect(text.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(text).not.toBe(chainPem);
    expect(await modeOf(certFile)).toBe(0o444);
  });

  it.each(Object.keys(keyOptions) as (keyof typeof keyOptions)[])(
    'makes a new %s key where one is asked for, and keeps the old pair',
    async (key) => {
      const { certFile, keyFile } = await pair('my-app', key);
      const oldKey = await readFile(keyFile, 'utf8');
      await chmod(keyFile, 0o644);

      expect(await renew(['--new-key', ...trusted(), certFile, keyFile])).toMatchObject({
        code: 0,
      });

      expect(await readFile(keyFile, 'utf8')).not.toBe(oldKey);
      expect(await modeOf(keyFile)).toBe(0o600);
      expect(await isPair(certFile, keyFile)).toBe(true);
      expect(await isPair(`${certFile}.prev`, `${keyFile}.prev`)).toBe(true);
    },
  );

  it('finishes what a crash left between key and certificate', async () => {
    const { certFile, keyFile } = await pair();
    await renew(['--new-key', ...trusted(), certFile, keyFile]);
    await rename(certFile, `${certFile}.new`);
    await copyFile(`${certFile}.prev`, certFile);
    expect(await isPair(certFile, keyFile)).toBe(false);

    const words = [...trusted(), '--if-expires-within', '1', certFile, keyFile];
    const { code, stdout } = await renew(words);

    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('interrupted'),
    });
    expect(await isPair(certFile, keyFile)).toBe(true);
  });

  it('clears what a crash left half written', async () => {
    const { certFile, keyFile } = await pair();
    await writeFile(`${certFile}.new`, '-----BEGIN CERT');
    await writeFile(`${keyFile}.new`, '');

    expect(await renew([...trusted(), certFile, keyFile])).toMatchObject({ code: 0 });

    expect(await isPair(certFile, keyFile)).toBe(true);
  });

  it('does nothing while the certificate is not due', async () => {
    const { certFile, keyFile } = await pair();
    const before = await contentOf(folder);
    const words = [...trusted(), '--if-expires-within', '30', certFile, keyFile];

    expect(await renew(words)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('is not due'),
    });
    expect(await renew(['--quiet', ...words])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await contentOf(folder)).toEqual(before);
    const soon = [...trusted(), '--if-expires-within', '93', certFile, keyFile];
    expect(await renew(soon)).toMatchObject({ stdout: expect.stringContaining('renewed') });
  });

  it('says what the gateway said, and gives up for good, when the certificate is revoked', async () => {
    const { certFile, keyFile } = await pair('short-lived');
    const url = `${gateway.gatewayUrl}/v1/applications/certificates/revocations`;
    const client = ['--cert', certFile, '--key', keyFile, '--cacert', gateway.caFile];
    await outputOf(['curl', '-q', '-sS', '--fail', '-X', 'POST', ...client, url]);
    const before = await contentOf(folder);

    const { code, stderr } = await renew([...trusted(), certFile, keyFile]);

    expect(code).toBe(3);
    expect(stderr).toContain('403 Certificate has been revoked. (certificate-revoked)');
    expect(await contentOf(folder)).toEqual(before);
  });

  it('follows links instead of replacing them, whatever the folder is called', async () => {
    const { certFile, keyFile } = await pair();
    const odd = join(folder, "a:b c'd");
    await mkdir(odd);
    await rename(certFile, join(odd, 'app.crt'));
    await rename(keyFile, join(odd, 'app.key'));
    await symlink(join(odd, 'app.crt'), certFile);
    await symlink("a:b c'd/app.key", keyFile);
    const before = await serialOf(certFile);

    expect(await renew(['--new-key', ...trusted(), certFile, keyFile])).toMatchObject({ code: 0 });

    expect(await serialOf(join(odd, 'app.crt'))).not.toBe(before);
    expect(await isPair(certFile, keyFile)).toBe(true);
  });

  it('lets one of several renewals at a time pass', async () => {
    const { certFile, keyFile } = await pair();
    const words = [...trusted(), certFile, keyFile];

    const ended = await Promise.all(Array.from({ length: 4 }, () => renew(words)));

    expect(ended.filter(({ code }) => code === 0).length).toBeGreaterThanOrEqual(1);
    for (const { code, stderr } of ended.filter((one) => one.code !== 0)) {
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: expect.stringContaining('another renewal'),
      });
    }
    expect(await isPair(certFile, keyFile)).toBe(true);
  });

  it('takes over a lock that a crash left behind', async () => {
    const { certFile, keyFile } = await pair();
    await symlink('process-99999999', `${certFile}.lock`);

    expect(await renew([...trusted(), certFile, keyFile])).toMatchObject({ code: 0 });
  });

  it('does without jq', async () => {
    const { certFile, keyFile } = await pair();
    const tools = join(folder, 'bin');
    await mkdir(tools);
    const needed =
      'openssl curl sed tr grep cat cp mv rm mktemp dirname basename readlink ls find ln sync fold head tail awk chmod sleep sh';
    for (const tool of needed.split(' ')) {
      await symlink(await outputOf(['sh', '-c', `command -v ${tool}`]), join(tools, tool));
    }

    expect(await renew([...trusted(), certFile, keyFile], { PATH: tools })).toMatchObject({
      code: 0,
      stderr: '',
    });
  });

  it.each([
    ['no files', []],
    ['one file', ['app.crt']],
    ['an unknown option', ['--force', 'app.crt', 'app.key']],
    ['a file that is not there', ['nowhere.crt', 'nowhere.key']],
    ['both ways of trust', ['--cacert', 'a', '--ca-sha256', 'ab'.repeat(32), 'a', 'b']],
    ['a SHA-256 that is none', ['--ca-sha256', 'abc', 'a', 'b']],
    ['days that are none', ['--if-expires-within', 'soon', 'a', 'b']],
    ['a URL without TLS', ['a', 'b', 'http://localhost/renewals']],
    [
      'a management info without TLS',
      ['--when-due', '--info-url', 'http://a', 'a', 'b', 'https://a'],
    ],
    ['two rules for when', ['--when-due', '--if-expires-within', '30', 'a', 'b']],
    ['a file to update that is not named', ['--update-cacert', 'a', 'b']],
  ])('ends with 2 for %s', async (_what, words) => {
    expect(await renew(words)).toMatchObject({ code: 2 });
  });

  it('ends with 2 for a key that is not the certificate’s', async () => {
    const { certFile } = await pair();
    const other = join(folder, 'other.key');
    await outputOf(['openssl', 'genpkey', ...keyOptions.rsa, '-out', other]);

    expect(await renew([...trusted(), certFile, other])).toMatchObject({ code: 2 });
  });

  it('explains itself', async () => {
    const { code, stdout } = await renew(['--help']);

    expect(code).toBe(0);
    expect(stdout).toContain('exit codes');
  });
});

describe('renew.sh, facing a gateway that is at fault', () => {
  let application: Application;
  let before: Record<string, string>;

  beforeEach(async () => {
    application = await pair();
    before = await contentOf(folder);
  });

  async function facing(answer: Parameters<typeof openFaultyGateway>[0]): Promise<Ended> {
    const faulty = await openFaultyGateway(answer);
    try {
      const { certFile, keyFile } = application;
      return await renew(['--cacert', faulty.caFile, certFile, keyFile, faulty.url]);
    } finally {
      await faulty.close();
    }
  }

  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const certificates = (clientCrt: string, caCrt: string) => ({
    status: 201,
    body: { crt: base64(clientCrt + caCrt), clientCrt: base64(clientCrt), caCrt: base64(caCrt) },
  });

  afterEach(async () => {
    expect(await contentOf(folder)).toEqual(before);
  });

  it.each([
    [{ status: 500, body: { error: 'It "broke".' } }, 1, '500 It "broke".'],
    [{ status: 503, body: 'Service Unavailable' }, 1, '503 no reason given'],
    [{ status: 429, body: {}, headers: { 'Retry-After': '7' } }, 1, 'Try again in 7 s.'],
    [{ status: 200, body: {} }, 1, '200'],
    [{ status: 401, body: { error: 'A certificate, please.', reason: 'r' } }, 3, '401 A'],
    [{ status: 404, body: {} }, 3, '404'],
    [{ status: 302, body: {}, headers: { Location: '/' } }, 3, '302'],
    [{ status: 201, body: {} }, 3, 'no certificate in clientCrt'],
    [{ status: 201, body: 'not JSON' }, 3, 'no certificate in clientCrt'],
  ])('ends after %j with %d', async (answer, code, words) => {
    const { code: ended, stderr } = await facing(answer);

    expect({ ended, stderr }).toEqual({ ended: code, stderr: expect.stringContaining(words) });
  });

  it('refuses a certificate for another key', async () => {
    const ca = await readFile(gateway.caFile, 'utf8');

    const { code, stderr } = await facing(certificates(ca, ca));

    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining('another key') });
  });

  it('refuses a certificate with another subject', async () => {
    const { keyFile } = application;
    const words = ['req', '-x509', '-key', keyFile, '-subj', '/CN=other', '-days', '1'];
    const other = await outputOf(['openssl', ...words]);

    const { code, stderr } = await facing(certificates(`${other}\n`, `${other}\n`));

    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringContaining('another subject'),
    });
  });

  it('refuses a certificate that does not chain to the CA in the answer', async () => {
    const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', '/dev/null'];
    const otherCa = await outputOf(['openssl', ...words, '-subj', '/CN=other CA', '-days', '1']);
    const present = await readFile(application.certFile, 'utf8');

    const { code, stderr } = await facing(certificates(present, `${otherCa}\n`));

    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringContaining('does not verify'),
    });
  });

  it('ends with 1 when nobody answers', async () => {
    const { certFile, keyFile } = application;

    const { code, stderr } = await renew([...trusted(), certFile, keyFile, 'https://localhost:1/']);

    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('no answer') });
  });
});
