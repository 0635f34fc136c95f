import { describe, expect, it } from '@jest/globals';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryHome } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { startTestGateway } from '../support/gateway.js';
import { openProject } from '../support/people.js';
import { eventsOf } from '../support/record.js';
import { makeKey, makeRequest } from '../support/requests.js';
import { newKafka, openService, renewUser, servicePath } from '../support/services.js';
import type { ShownUser } from '../support/services.js';
import { verifyTogether } from '../support/verify.js';
import { everleaf, everleafJson } from './everleaf.js';

function commandsOf({ settings }: TestGateway) {
  return {
    json: <Answer = Record<string, unknown>>(...words: string[]) =>
      everleafJson<Answer>(settings, ...words),
    text: async (...words: string[]) => {
      const { code, stdout, stderr } = await everleaf(settings, ...words);
      return { code, said: stdout + stderr };
    },
  };
}

describe('everleaf service and everleaf user', () => {
  it('SU-C2, SU-C5: make a service and a user, download, reset, acknowledge and delete', async () => {
    const { asRoot, gateway } = await openProject(await startTestGateway());
    const { json, text } = commandsOf(gateway);
    const where = [
      '--type',
      'kafka',
      '--host',
      'kafka.example.com',
      '--certificate-validity',
      '400d',
    ];
    expect(await json('service', 'create', 'p1', 'kafka-1', ...where)).toMatchObject({
      name: 'kafka-1',
      address: 'kafka.example.com:9093',
      certificates: true,
      certificateValidity: '400d',
    });
    const created = await text('user', 'create', 'p1', 'kafka-1', 'app');
    expect(created.said).toContain('everleaf user download p1 kafka-1 app');
    expect((await text('user', 'list', 'p1', 'kafka-1')).said).toMatch(
      /^NAME +TYPE +CERTIFICATE ENDS +OLD ONE ENDS\napp +normal .+Z +-\navnadmin +primary /,
    );
    const shown = await asRoot('get', `${servicePath}/user/app`).expect(200);
    const folder = join(temporaryHome(), 'pair');
    const first = await text('user', 'download', 'p1', 'kafka-1', 'app', '--dir', folder);
    expect(first.code).toBe(0);
    const fileOf = (name: string) => readFileSync(join(folder, name), 'utf8');
    expect(fileOf('service.cert')).toBe(shown.body.user.access_cert);
    expect(fileOf('service.key')).toBe(shown.body.user.access_key);
    for (const name of ['ca.pem', 'service.cert', 'service.key'])
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    const { password } = await json('user', 'show', 'p1', 'kafka-1', 'app', '--password');
    expect(password).toBe(shown.body.user.password);
    expect(await json('user', 'show', 'p1', 'kafka-1', 'app')).not.toHaveProperty('password');
    await json('user', 'reset', 'p1', 'kafka-1', 'app');
    await json('user', 'download', 'p1', 'kafka-1', 'app', '--dir', folder);
    const certificate = new X509Certificate(fileOf('service.cert'));
    expect(certificate.checkPrivateKey(createPrivateKey(fileOf('service.key')))).toBe(true);
    expect(fileOf('service.cert')).not.toBe(shown.body.user.access_cert);
    await verifyTogether([{ certPem: fileOf('service.cert'), bundle: fileOf('ca.pem') }]);
    await renewUser(gateway, 'app');
    const acknowledge = () => json('user', 'acknowledge', 'p1', 'kafka-1', 'app');
    expect(await acknowledge()).toMatchObject({ isNew: true });
    expect(await acknowledge()).toMatchObject({ isNew: false });
    expect((await text('user', 'delete', 'p1', 'kafka-1', 'avnadmin')).said).toContain(
      'primary user',
    );
    expect((await text('user', 'delete', 'p1', 'kafka-1', 'app')).code).toBe(0);
    expect((await text('service', 'delete', 'p1', 'kafka-1')).code).toBe(0);
    expect(await json('service', 'list', 'p1')).toEqual([]);
    const [{ actor } = { actor: '' }] = await eventsOf(gateway, 'service.deleted');
    expect(actor).toMatch(/^cli:/);
  });

  it('name the revocation list in a certificate as the gateway does, though only that was told where it is', async () => {
    const pkiUrl = 'http://pki.example.com';
    const { asRoot, gateway } = await openService(
      await startTestGateway({ EVERLEAF_PKI_URL: pkiUrl }),
    );
    await everleafJson(
      { EVERLEAF_HOME: gateway.home },
      'user',
      'reset',
      'p1',
      'kafka-1',
      'avnadmin',
    );
    const { body } = await asRoot('get', `${servicePath}/user/avnadmin`).expect(200);
    const { access_cert } = body.user as ShownUser;
    expect(new X509Certificate(access_cert).infoAccess).toContain(`${pkiUrl}/pki/ocsp`);
  });

  it('switch self-service on and off', async () => {
    const { asRoot, gateway } = await openService(await startTestGateway());
    for (const state of ['on', 'off']) {
      const words = ['user', 'self-service', 'p1', 'kafka-1', 'avnadmin', state];
      const answer = await commandsOf(gateway).json(...words);
      expect(answer).toMatchObject({ username: 'avnadmin', selfService: state === 'on' });
      const path = `${servicePath}/user/avnadmin/self_service`;
      const { body } = await asRoot('get', path).expect(200);
      expect(body.self_service).toEqual({ enabled: state === 'on' });
    }
  });

  it('renew now, for a key of the holder too, revoke the old and acknowledge all', async () => {
    const { asRoot, gateway } = await openProject(await startTestGateway());
    await asRoot('post', '/v1/project/p1/service', newKafka).expect(200);
    const { json, text } = commandsOf(gateway);
    const app = ['p1', 'kafka-1', 'avnadmin'];
    const csrFile = join(temporaryHome(), 'app.csr');
    writeFileSync(
      csrFile,
      makeRequest({ key: makeKey('prime256v1'), subject: '/CN=avnadmin' }).der,
    );
    const asked = await text('user', 'request', ...app, '--csr', csrFile);
    expect(asked).toEqual({ code: 0, said: expect.stringContaining('everleaf user renew p1') });
    const { notAfter } = await json('user', 'renew', ...app);
    expect((await asRoot('get', `${servicePath}/user/avnadmin`)).body.user).toMatchObject({
      access_cert_not_valid_after_time: notAfter,
    });
    const folder = join(temporaryHome(), 'pair');
    const downloaded = await text('user', 'download', ...app, '--dir', folder);
    expect(downloaded.said).toContain('The key is with its holder');
    expect(readdirSync(folder).sort()).toEqual(['ca.pem', 'service.cert']);
    expect(await json('user', 'revoke-old', ...app)).toMatchObject({
      revoked: [expect.stringMatching(/^[0-9a-f]{64}$/)],
    });
    expect(await json('project', 'renew', 'p1')).toMatchObject({
      asked: 0,
      passedOver: [{ username: 'avnadmin', reason: 'unacknowledged' }],
    });
    expect(await json('service', 'acknowledge', 'p1', 'kafka-1')).toMatchObject({
      acknowledged: ['avnadmin'],
    });
    expect((await text('service', 'renew', 'p1', 'kafka-1')).said).toContain('1 users are renewed');
  });

  it('show what waits for a user', async () => {
    const { asRoot, gateway } = await openService(await startTestGateway());
    const { pem } = makeRequest({ key: makeKey('prime256v1'), subject: '/CN=avnadmin' });
    const path = `${servicePath}/user/avnadmin`;
    const csr = Buffer.from(pem).toString('base64');
    await asRoot('put', `${path}/certificate-request`, { csr }).expect(200);
    await asRoot('put', `${path}/self_service`, { enabled: true }).expect(200);
    await asRoot('post', `${servicePath}/renewals`).expect(202);
    const { said } = await commandsOf(gateway).text('user', 'show', 'p1', 'kafka-1', 'avnadmin');
    for (const line of ['Renewal asked for +2.*Z', 'Own request since +2.*Z', 'Self-service +on'])
      expect(said).toMatch(new RegExp(`^${line}$`, 'm'));
  });

  it('tell more people of a user, and change a project and a service', async () => {
    const { asRoot, gateway } = await openProject(await startTestGateway());
    await asRoot('post', '/v1/project/p1/service', newKafka).expect(200);
    const { json } = commandsOf(gateway);
    const app = ['p1', 'kafka-1', 'avnadmin'];
    const add = ['--add', 'Team@example.com', 'b@example.com', '--remove', 'b@example.com'];
    expect(await json('user', 'recipients', ...app, ...add)).toMatchObject({
      recipients: ['team@example.com'],
    });
    const facts = ['--certificate-validity', '300d', '--renew-before', '20d'];
    expect(
      await json('project', 'change', 'p1', ...facts, '--tech-email', 'a@example.com'),
    ).toMatchObject({
      certificateValidity: '300d',
      techEmails: ['a@example.com'],
    });
    const change = [
      '--renew-before',
      'default',
      '--power',
      'off',
      '--port',
      '9999',
      '--no-tech-email',
    ];
    expect(await json('service', 'change', 'p1', 'kafka-1', ...change)).toMatchObject({
      state: 'off',
      address: 'kafka.example.com:9999',
      renewBefore: null,
      techEmails: [],
    });
  });

  it.each([
    [['service', 'list', 'none'], 1, 'There is no project none'],
    [['service', 'show', 'p1', 'none'], 1, 'everleaf service list p1'],
    [['user', 'list', 'p1', 'none'], 1, 'everleaf service list p1'],
    [['service', 'create', 'p1', 'a', '--type', 'none'], 2, "'none' is invalid"],
    [['service', 'create', 'p1', 'a', '--type', 'pg', '--port', '0'], 2, 'from 1 to 65535'],
    [['service', 'create', 'p1', 'a', '--type', 'pg', '--host', 'a b'], 2, 'a host name'],
    [['service', 'create', 'p1', 'A', '--type', 'pg'], 1, 'lower-case'],
    [['user', 'create', 'p1', 'pg-1', 'a,b'], 1, '1 to 64 characters'],
    [['user', 'self-service', 'p1', 'pg-1', 'avnadmin', 'maybe'], 2, 'Allowed choices are on, off'],
    [['user', 'show', 'p1', 'pg-1', 'none'], 1, 'everleaf user list p1 pg-1'],
    [['user', 'download', 'p1', 'pg-1', 'avnadmin'], 1, 'has no certificate'],
    [['user', 'renew', 'p1', 'pg-1', 'avnadmin'], 1, 'have no certificates'],
    [['user', 'request', 'p1', 'pg-1', 'avnadmin'], 2, '--csr FILE or --withdraw'],
    [['user', 'request', 'p1', 'pg-1', 'avnadmin', '--csr', 'none'], 1, 'none cannot be read'],
    [['project', 'renew', 'none'], 1, 'There is no project none'],
  ] as const)('%j says what is wrong', async (words, code, sentence) => {
    const { asRoot, gateway } = await openProject(await startTestGateway());
    const body = { service_name: 'pg-1', service_type: 'pg' };
    await asRoot('post', '/v1/project/p1/service', body).expect(200);
    const answer = await commandsOf(gateway).text(...words);
    expect(answer).toEqual({ code, said: expect.stringContaining(sentence) });
  });
});
