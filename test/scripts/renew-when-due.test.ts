import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPair, serialOf } from '../support/application.js';
import { commandLine } from '../support/command-line.js';
import { openFaultyGateway } from '../support/faulty-gateway.js';
import { call, pair, startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { caFileOf, clockOfThePast, idsIn, rollOver, rotate } from '../support/roll-over.js';
import { outputOf, run } from '../support/run.js';
import type { Ended } from '../support/run.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'everleaf-due-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const at = (name: string): string => join(folder, name);

/** Pairs an application and puts its pair, and what it trusts, into the folder. */
async function settle(gateway: TestGateway, name: string): Promise<void> {
  const { certPem, keyPem } = await pair(gateway, name);
  writeFileSync(at(`${name}.crt`), certPem);
  writeFileSync(at(`${name}.key`), keyPem, { mode: 0o600 });
  writeFileSync(at(`${name}.ca`), gateway.ca);
}

function renew(
  gateway: { readonly urls: { readonly gateway: string } },
  name: string,
  ...words: readonly string[]
): Promise<Ended> {
  const env = { ...process.env, EVERLEAF_GATEWAY: gateway.urls.gateway };
  const files = ['--cacert', at(`${name}.ca`), at(`${name}.crt`), at(`${name}.key`)];
  return run(['sh', 'scripts/renew.sh', ...words, ...files], { env });
}

const trustOf = (name: string): readonly string[] => idsIn(readFileSync(at(`${name}.ca`), 'utf8'));

describe('renew.sh --when-due', () => {
  it('waits for the time that the gateway suggests, which a hint brings forward', async () => {
    const gateway = await startTestGateway();
    await settle(gateway, 'app');
    const first = await serialOf(at('app.crt'));
    const { code, stdout } = await renew(gateway, 'app', '--when-due');
    expect(code).toBe(0);
    expect(stdout).toMatch(/app\.crt is not due: the gateway suggests \d{4}-\d\d-\d\dT/);
    expect(await renew(gateway, 'app', '--when-due', '--quiet')).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect((await readdir(folder)).sort()).toEqual(['app.ca', 'app.crt', 'app.key']);
    expect(await serialOf(at('app.crt'))).toBe(first);

    await commandLine(gateway, 'certificate hint --holder app');

    expect(await renew(gateway, 'app', '--when-due')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('renewed'),
    });
    const second = await serialOf(at('app.crt'));
    expect(second).not.toBe(first);
    expect(await isPair(at('app.crt'), at('app.key'))).toBe(true);
    await renew(gateway, 'app', '--when-due');
    expect(await serialOf(at('app.crt'))).toBe(second);
  });

  it('asks although the renewal URL is given, and says so where it cannot', async () => {
    const gateway = await startTestGateway();
    await settle(gateway, 'app');
    const url = `${gateway.urls.gateway}/v1/applications/certificates/renewals`;
    const words = ['--when-due', '--cacert', at('app.ca'), at('app.crt'), at('app.key'), url];
    const ask = (address: string): Promise<Ended> =>
      run(['sh', 'scripts/renew.sh', ...words], {
        env: { ...process.env, EVERLEAF_GATEWAY: address },
      });
    expect(await ask(gateway.urls.gateway)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('is not due'),
    });
    expect(await ask('')).toMatchObject({ code: 2 });
  });

  it.each([
    ['an answer without a window', { urls: {} }],
    ['a time that is none', { renewal: { start: 'soon' } }],
  ])('needs a person for %s', async (_what, body) => {
    await settle(await startTestGateway(), 'app');
    const faulty = await openFaultyGateway({ status: 200, body });
    try {
      writeFileSync(at('app.ca'), readFileSync(faulty.caFile, 'utf8'));
      expect(await renew({ urls: { gateway: faulty.url } }, 'app', '--when-due')).toMatchObject({
        code: 3,
        stderr: expect.stringContaining('see --if-expires-within'),
      });
    } finally {
      await faulty.close();
    }
  });
});

describe('renew.sh --update-cacert', () => {
  it('leads a client through a roll-over that cuts off one that keeps its old file', async () => {
    const gateway = await startTestGateway({}, clockOfThePast());
    for (const name of ['led', 'left']) await settle(gateway, name);
    const { old, next } = await rollOver(gateway);
    expect(await renew(gateway, 'led', '--update-cacert')).toMatchObject({ code: 0, stderr: '' });
    expect(await renew(gateway, 'left')).toMatchObject({ code: 0, stderr: '' });
    expect([trustOf('led'), trustOf('left')]).toEqual([[next, old], [old]]);

    gateway.clock.advance(60);
    await rotate(gateway, 'retire');

    expect(await renew(gateway, 'led', '--update-cacert')).toMatchObject({ code: 0, stderr: '' });
    expect(await renew(gateway, 'left')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('is not trusted'),
    });

    gateway.clock.advance(60);
    await gateway.lookAtAuthorities();
    expect(await renew(gateway, 'led', '--update-cacert')).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(at('led.ca'), 'utf8')).toBe(caFileOf(gateway));
    expect((await readdir(folder)).filter((name) => name.includes('.new'))).toEqual([]);
  });

  it('leaves the file alone where the server’s certificate is of another CA', async () => {
    const [cert, key] = [at('server.crt'), at('server.key')];
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', ...names];
    await outputOf(['openssl', ...words, '-keyout', key, '-out', cert]);
    const files = { EVERLEAF_TLS_CERT_FILE: cert, EVERLEAF_TLS_KEY_FILE: key };
    const gateway = await startTestGateway(files);
    await settle({ ...gateway, ca: readFileSync(cert, 'utf8') }, 'app');
    const before = readFileSync(at('app.ca'), 'utf8');
    const { code, stdout, stderr } = await renew(gateway, 'app', '--update-cacert');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('renewed') });
    expect(stderr).toContain('do not lead to the server');
    expect(readFileSync(at('app.ca'), 'utf8')).toBe(before);
  });

  it('touches nothing where the renewal is refused', async () => {
    const gateway = await startTestGateway();
    await settle(gateway, 'app');
    writeFileSync(at('app.ca'), gateway.ca + gateway.ca);
    const revocations = '/v1/applications/certificates/revocations';
    const [certPem, keyPem] = ['crt', 'key'].map((end) => readFileSync(at(`app.${end}`), 'utf8'));
    await call(gateway, 'post', revocations, { certPem: certPem ?? '', keyPem: keyPem ?? '' });
    expect(await renew(gateway, 'app', '--update-cacert')).toMatchObject({ code: 3 });
    expect(readFileSync(at('app.ca'), 'utf8')).toBe(gateway.ca + gateway.ca);
  });
});
