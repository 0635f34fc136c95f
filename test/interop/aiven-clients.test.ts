import { describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTestGateway, temporaryHome } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { expectRefusal } from '../support/people.js';
import { eventsOf } from '../support/record.js';
import { outputOf } from '../support/run.js';
import { openService, renewUser, servicePath } from '../support/services.js';
import type { ShownUser } from '../support/services.js';

/** The line of the documentation, as it stands there. */
const documented = String.raw`curl --request PUT \
    --url https://api.aiven.io/v1/project/<project>/service/<service>/user/<username> \
    --header 'Authorization: Bearer <bearer token>' \
    --header 'content-type: application/json' \
    --data '{"operation": "acknowledge-renewal"}'`;

/** What curl in a shell writes; `CURL_HOME` is the only place where it hears of the CA. */
async function curl(gateway: TestGateway, line: string): Promise<string> {
  const home = temporaryHome();
  writeFileSync(join(home, 'ca.pem'), gateway.ca);
  writeFileSync(join(home, '.curlrc'), `cacert = "${join(home, 'ca.pem')}"\nsilent\n`);
  return outputOf(['sh', '-c', line], { env: { ...process.env, CURL_HOME: home } });
}

describe('curl', () => {
  it('SU-A1: acknowledges by the line of the documentation, but for host and token', async () => {
    const { gateway, root, user } = await openService(await startTestGateway());
    await renewUser(gateway, 'avnadmin');
    expect(await user('avnadmin')).toHaveProperty('expiring_cert_not_valid_after_time');
    const line = documented
      .replace('https://api.aiven.io', gateway.urls.admin)
      .replace('<project>/service/<service>/user/<username>', 'p1/service/kafka-1/user/avnadmin')
      .replace('<bearer token>', root.token);
    const answer = JSON.parse(await curl(gateway, line)) as { service: { users: ShownUser[] } };
    expect(answer.service.users).toEqual([await user('avnadmin')]);
    expect(answer.service.users[0]).not.toHaveProperty('expiring_cert_not_valid_after_time');
    expect(await eventsOf(gateway, 'service-user.acknowledged')).toHaveLength(1);
  });

  it('SU-C2: downloads a pair that openssl finds to fit, and the CA that verifies it', async () => {
    const { gateway, root } = await openService(await startTestGateway());
    await renewUser(gateway, 'avnadmin');
    const get = async (path: string): Promise<unknown> =>
      JSON.parse(
        await curl(
          gateway,
          `curl ${gateway.urls.admin}${path} -H 'Authorization: aivenv1 ${root.token}'`,
        ),
      );
    const { certificate } = (await get('/v1/project/p1/kms/ca')) as { certificate: string };
    const { service } = (await get(servicePath)) as { service: { users: [ShownUser] } };
    const [{ access_cert, access_key }] = service.users;
    const folder = temporaryHome();
    writeFileSync(join(folder, 'ca.pem'), certificate);
    writeFileSync(join(folder, 'service.cert'), access_cert);
    writeFileSync(join(folder, 'service.key'), access_key);
    const openssl = (words: string) => outputOf(['openssl', ...words.split(' ')], { cwd: folder });
    expect(await openssl('verify -x509_strict -CAfile ca.pem service.cert')).toContain('OK');
    const [ofKey, ofCertificate] = await Promise.all([
      openssl('pkey -in service.key -pubout'),
      openssl('x509 -in service.cert -noout -pubkey'),
    ]);
    expect(ofKey).toBe(ofCertificate);
    expect(access_key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  });
});

describe('the Go clients', () => {
  it('SU-W6, SU-W8: find their user in the service after every change, with limit=999 everywhere', async () => {
    const { asRoot } = await openService(await startTestGateway());
    const users = `${servicePath}/user`;
    const app = `${users}/app?limit=999`;
    const body = { username: 'app', access_control: null };
    await asRoot('post', `${users}?limit=999`, body).expect(200);
    for (const change of [
      { operation: 'reset-credentials', new_password: 'correct horse' },
      { operation: 'reset-credentials' },
      { operation: 'set-access-control', access_control: { kafka: 1 } },
      { operation: 'acknowledge-renewal' },
      { operation: 'acknowledge-renewal' },
    ]) {
      const changed = await asRoot('put', app, change).expect(200);
      const { users: all } = changed.body.service as { users: ShownUser[] };
      const shown = await asRoot('get', app).expect(200);
      expect(all.find(({ username }) => username === 'app')).toEqual(shown.body.user);
    }
    await asRoot('get', `${servicePath}?limit=999`).expect(200);
    await asRoot('delete', app).expect(200);
    for (const again of [await asRoot('get', app), await asRoot('delete', app)])
      expectRefusal(again, 404, 'resource-unknown');
    const none = '/v1/project/p1/service/none/user?limit=999';
    const refused = await asRoot('post', none, body);
    expectRefusal(refused, 404, 'resource-unknown');
    expect(refused.body.message).not.toMatch(/Service \S+ does not exist/);
  });
});
