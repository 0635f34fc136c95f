import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTestGateway, temporaryHome } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import type { TestUser } from '../support/people.js';
import { run } from '../support/run.js';
import { openService, renewUser } from '../support/services.js';
import { verifyTogether } from '../support/verify.js';

// It is in no registry that CI may use, so its absence is said and is no error.
const hasAvn = spawnSync('sh', ['-c', 'command -v avn']).status === 0;
if (!hasAvn) console.warn('SKIPPED: what needs avn, which is not installed');
const withAvn = hasAvn ? it : it.skip;

/** `avn WORDS...` as this user of the gateway. */
function avnAs({ gateway, user }: { gateway: TestGateway; user: TestUser }) {
  const home = temporaryHome();
  const trusted = join(home, 'gateway.pem');
  writeFileSync(trusted, gateway.ca);
  const env = {
    ...process.env,
    AIVEN_WEB_URL: `${gateway.urls.admin}/`,
    AIVEN_CA_CERT: trusted,
    AIVEN_AUTH_TOKEN: user.token,
    AIVEN_CONFIG_DIR: home,
    AIVEN_PROJECT: 'p1',
  };
  return (words: string) => run(['avn', ...words.split(' ')], { cwd: home, env });
}

describe('avn', () => {
  withAvn('SU-A6: acknowledges and says nothing, or says why not and exits 1', async () => {
    const { gateway, root, addMember, user } = await openService(await startTestGateway());
    await renewUser(gateway, 'avnadmin');
    const order = 'service user-creds-acknowledge --username avnadmin kafka-1';
    const reader = await addMember('read_only');
    const refused = await avnAs({ gateway, user: reader })(order);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('does not include service:users:write');
    expect(await user('avnadmin')).toHaveProperty('expiring_cert_not_valid_after_time');
    const done = await avnAs({ gateway, user: root })(order);
    expect(done).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await user('avnadmin')).not.toHaveProperty('expiring_cert_not_valid_after_time');
  });

  withAvn('SU-C2: downloads three files that fit and verify', async () => {
    const { gateway, root } = await openService(await startTestGateway());
    const folder = temporaryHome();
    const avn = avnAs({ gateway, user: root });
    const download = `service user-creds-download --username avnadmin -d ${folder} kafka-1`;
    expect((await avn(download)).code).toBe(0);
    await renewUser(gateway, 'avnadmin');
    expect((await avn(download)).code).toBe(0);
    const fileOf = (name: string) => readFileSync(join(folder, name), 'utf8');
    const [certPem, keyPem] = [fileOf('service.cert'), fileOf('service.key')];
    expect(new X509Certificate(certPem).checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
    expect(keyPem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    await verifyTogether([{ certPem, bundle: fileOf('ca.pem') }]);
    expect((await avn(`project ca-get --target-filepath ${folder}/other.pem`)).code).toBe(0);
    expect(fileOf('other.pem').trim()).toBe(fileOf('ca.pem').trim());
  });

  withAvn('lists, makes, shows, resets and deletes users, and tells what befell', async () => {
    const { gateway, root } = await openService(await startTestGateway());
    const avn = avnAs({ gateway, user: root });
    for (const words of [
      'service list',
      'service get -v kafka-1',
      'service user-create --username app kafka-1',
      'service user-get --username app kafka-1',
      'service user-password-reset --username app --new-password correct-horse kafka-1',
      'service user-list kafka-1',
      'service user-delete --username app kafka-1',
      'service credentials-reset kafka-1',
      'project list',
      'project details',
      'project user-list',
      'user info',
      'organization list',
      'events -n 5',
    ]) {
      const { code, stderr } = await avn(words);
      expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: expect.any(String) });
    }
    const events = await avn('events -n 50 --json');
    expect(events.stdout).toContain('service-user.deleted');
    const listed = await avn('service user-list kafka-1 --json');
    expect(listed.stdout).toContain('avnadmin');
    expect(listed.stdout).not.toContain('"app"');
  });
});
