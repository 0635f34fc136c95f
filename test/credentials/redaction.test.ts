import { expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import { startTestGateway } from '../support/gateway.js';
import { callAsUser, expectRefusal } from '../support/people.js';
import { replicaSettings } from '../support/replicas.js';
import { openService, servicePath } from '../support/services.js';
import type { ServiceHouse, ShownUser } from '../support/services.js';

const userPath = `${servicePath}/user/avnadmin`;
const reads = [userPath, servicePath, '/v1/project/p1/service'];

/** The primary user in whatever answer. */
function primaryIn(body: {
  user?: ShownUser;
  service?: { users: ShownUser[] };
  services?: { users: ShownUser[] }[];
}): ShownUser | undefined {
  return body.user ?? (body.service ?? body.services?.[0])?.users[0];
}

const shown = {
  password: expect.stringMatching(/^[A-Za-z2-9]{24}$/),
  access_key: expect.stringContaining('BEGIN PRIVATE KEY'),
};

describeOnEachDatabase('secrets in answers', (fresh) => {
  async function open(mode = 'plain'): Promise<ServiceHouse> {
    const { url } = await fresh();
    return openService(await startTestGateway({ ...replicaSettings(url), EVERLEAF_SECRETS: mode }));
  }

  it('SU-X1: are plain to whoever has the right, unless they are not wanted', async () => {
    const { asRoot, gateway, addMember } = await open();
    const developer = await addMember('developer');
    for (const path of reads) {
      expect(primaryIn((await asRoot('get', path).expect(200)).body)).toMatchObject(shown);
      const asked = await callAsUser(gateway, developer, 'get', `${path}?include_secrets=true`);
      expect(primaryIn(asked.body)).toMatchObject(shown);
      const without = await asRoot('get', `${path}?include_secrets=false`).expect(200);
      expect(primaryIn(without.body)).toMatchObject({ password: '<redacted>' });
      expect(without.text).not.toContain('PRIVATE KEY');
    }
  });

  it('SU-X1: are redacted in strict mode unless they are asked for', async () => {
    const { asRoot } = await open('redacted');
    for (const path of reads) {
      const hidden = await asRoot('get', path).expect(200);
      expect(primaryIn(hidden.body)).toMatchObject({
        password: '<redacted>',
        access_cert: expect.stringContaining('BEGIN CERTIFICATE'),
      });
      expect(hidden.text).not.toContain('PRIVATE KEY');
      const asked = await asRoot('get', `${path}?include_secrets=true`).expect(200);
      expect(primaryIn(asked.body)).toMatchObject(shown);
    }
  });

  it('SU-X2: are redacted in strict mode after every change but the creation of a user', async () => {
    const { asRoot } = await open('redacted');
    const created = await asRoot('post', `${servicePath}/user`, { username: 'app' }).expect(200);
    expect(created.body.user).toMatchObject(shown);
    const changes = [
      ['put', userPath, { operation: 'reset-credentials', new_password: 'correct horse' }],
      ['put', userPath, { operation: 'acknowledge-renewal' }],
      ['put', `${userPath}/credentials/reset`, {}],
      ['put', `${servicePath}/credentials/reset`, {}],
      ['put', servicePath, { plan: 'x' }],
      ['post', '/v1/project/p1/service', { service_name: 'kafka-2', service_type: 'kafka' }],
    ] as const;
    for (const [method, path, body] of changes) {
      const answer = await asRoot(method, `${path}?include_secrets=true`, body).expect(200);
      expect(primaryIn(answer.body)).toMatchObject({ password: '<redacted>' });
      expect(answer.text).not.toMatch(/PRIVATE KEY|correct horse/);
    }
  });

  it.each(['plain', 'redacted'])(
    'SU-X1: are kept from whoever has no right to them, in mode %s',
    async (mode) => {
      const { gateway, addMember, asRoot } = await open(mode);
      const reader = await addMember('read_only');
      for (const path of reads) {
        const answer = await callAsUser(gateway, reader, 'get', path).expect(200);
        expect(primaryIn(answer.body)).toMatchObject({ username: 'avnadmin', password: null });
        expect(answer.text).not.toMatch(/PRIVATE KEY|redacted/);
        const refused = await callAsUser(gateway, reader, 'get', `${path}?include_secrets=true`);
        expectRefusal(refused, 403, 'right-missing');
      }
      const credentials = `${userPath}/credentials`;
      const refused = await callAsUser(gateway, reader, 'get', credentials);
      expectRefusal(refused, 403, 'right-missing');
      await asRoot('get', credentials).expect(200);
    },
  );

  it('SU-X3: never become what stands for them', async () => {
    const { asRoot, user } = await open('redacted');
    const before = await user('avnadmin?include_secrets=true');
    const body = { operation: 'reset-credentials', new_password: '<redacted>' };
    expectRefusal(await asRoot('put', userPath, body), 400, 'field-invalid');
    expect(await user('avnadmin?include_secrets=true')).toEqual(before);
  });

  it('are downloaded as files of one moment that fit each other', async () => {
    const { asRoot, user } = await open();
    const { body } = await asRoot('get', `${userPath}/credentials?format=pem`).expect(200);
    const files = (body.files as { name: string; content: string }[]).map(
      ({ name, content }) => [name, Buffer.from(content, 'base64').toString()] as const,
    );
    const { access_cert, access_key } = await user('avnadmin');
    const ca = await asRoot('get', '/v1/project/p1/kms/ca').expect(200);
    expect(files).toEqual([
      ['ca.pem', ca.body.certificate],
      ['service.cert', access_cert],
      ['service.key', access_key],
    ]);
    for (const format of ['nosuch', 'toString', '']) {
      const refused = await asRoot('get', `${userPath}/credentials?format=${format}`);
      expectRefusal(refused, 400, 'field-invalid');
    }
    await asRoot('post', '/v1/project/p1/service', {
      service_name: 'pg-1',
      service_type: 'pg',
    }).expect(200);
    const none = await asRoot('get', '/v1/project/p1/service/pg-1/user/avnadmin/credentials');
    expectRefusal(none, 409, 'state-conflict');
  });
});
