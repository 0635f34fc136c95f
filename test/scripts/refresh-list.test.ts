import { expect, it } from '@jest/globals';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { call, pair, startTestGateway, temporaryHome } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { listPath } from '../support/revocation-list.js';
import { outputOf, run } from '../support/run.js';

/** The script of README.md that keeps the list of an nginx fresh, with a folder, a list and a reload of this test. */
async function writeScript(gateway: TestGateway): Promise<string> {
  const folder = temporaryHome();
  const readme = readFileSync('README.md', 'utf8');
  const [script = ''] =
    /#!\/bin\/sh\n(?:(?!```)[^])*nginx -s reload(?:(?!```)[^])*/.exec(readme) ?? [];
  const url = `${gateway.urls.pki}${await listPath(gateway)}`;
  const adapted = script
    .replace('cd /etc/nginx/everleaf', `cd ${folder}`)
    .replace(/http:\S+\.crl/, url)
    .replace('nginx -s reload', 'echo reloaded');
  writeFileSync(join(folder, 'refresh'), adapted);
  writeFileSync(join(folder, 'ca.crt'), gateway.ca);
  return folder;
}

async function revokeOne(gateway: TestGateway): Promise<void> {
  const holder = await pair(gateway);
  await call(gateway, 'post', '/v1/applications/certificates/revocations', holder).expect(201);
}

it('the script that keeps a list fresh reloads for a new list alone, and refuses a foreign one', async () => {
  const gateway = await startTestGateway();
  const folder = await writeScript(gateway);
  const refresh = () => run(['sh', join(folder, 'refresh')]);
  const list = join(folder, 'list.pem');
  const text = () => outputOf(['openssl', 'crl', '-in', list, '-noout', '-text']);

  expect(await refresh()).toEqual({ code: 0, stdout: 'reloaded\n', stderr: '' });
  expect(await text()).toContain('No Revoked Certificates');
  expect(await refresh()).toEqual({ code: 0, stdout: '', stderr: '' });

  await revokeOne(gateway);
  expect(await refresh()).toEqual({ code: 0, stdout: 'reloaded\n', stderr: '' });
  expect(await text()).toContain('Serial Number');

  await revokeOne(gateway);
  const stranger = await startTestGateway();
  writeFileSync(join(folder, 'ca.crt'), stranger.ca);
  rmSync(list);
  expect(await refresh()).toMatchObject({ code: 1, stdout: '' });
  expect(existsSync(list)).toBe(false);
  // It is fetched again once the trust is right.
  writeFileSync(join(folder, 'ca.crt'), gateway.ca);
  expect(await refresh()).toEqual({ code: 0, stdout: 'reloaded\n', stderr: '' });
});
