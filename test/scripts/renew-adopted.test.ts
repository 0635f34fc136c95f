import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPair, serialOf } from '../support/application.js';
import type { GatewayProcess } from '../support/gateway-process.js';
import { startGatewayProcess } from '../support/gateway-process.js';
import { subjectOf } from '../support/gateway.js';
import { makeOpensslAuthority, signAsOriginal } from '../support/openssl-authority.js';
import type { OpensslAuthority } from '../support/openssl-authority.js';
import { outputOf, run } from '../support/run.js';
import type { Ended } from '../support/run.js';

let folder: string;
let authority: OpensslAuthority;
let gateway: GatewayProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'everleaf-adopted-'));
  authority = await makeOpensslAuthority({ folder, name: 'kyma' });
});
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
  await rm(folder, { recursive: true, force: true });
});

const certFile = () => join(folder, 'outside.crt');
const keyFile = () => join(folder, 'outside.key');

function renew(to: GatewayProcess, ...words: readonly string[]): Promise<Ended> {
  const env = { ...to.environment, EVERLEAF_GATEWAY: to.gatewayUrl };
  const files = ['--cacert', to.caFile, certFile(), keyFile()];
  return run(['sh', 'scripts/renew.sh', ...words, ...files], { env });
}

describe('renew.sh with a certificate that openssl made under the same CA', () => {
  it('CS-3 CS-4: renews it, with a new key as well, and then the one it got', async () => {
    await signAsOriginal({ folder, subject: subjectOf('my-app'), authority });
    const text = await outputOf(['openssl', 'x509', '-noout', '-text', '-in', certFile()]);
    expect(text).toMatch(/Serial Number: 2 /);
    expect(text).not.toContain('Subject Key Identifier');
    gateway = await startGatewayProcess({ ...authority.settings, EVERLEAF_ADOPT: 'on' });
    for (const words of [[], ['--new-key'], []]) {
      const before = await serialOf(certFile());
      expect(await renew(gateway, ...words)).toMatchObject({ code: 0, stderr: '' });
      expect(await serialOf(certFile())).not.toBe(before);
      expect(await isPair(certFile(), keyFile())).toBe(true);
    }
    const verify = ['verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile'] as const;
    expect(await outputOf(['openssl', ...verify, authority.certFile, certFile()])).toMatch(/: OK$/);
  });

  it('HI-C9: leaves it alone where adoption is off, and says that a person is needed', async () => {
    await signAsOriginal({ folder, subject: subjectOf('my-app'), authority });
    gateway = await startGatewayProcess(authority.settings);
    const before = await serialOf(certFile());
    const { code, stderr } = await renew(gateway);
    expect(code).toBe(3);
    expect(stderr).toContain('certificate-not-on-record');
    expect(await serialOf(certFile())).toBe(before);
  });
});
