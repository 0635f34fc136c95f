import { describe, expect, it } from '@jest/globals';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryHome } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { startTestGateway } from '../support/gateway.js';
import { openProject } from '../support/people.js';
import { eventsOf } from '../support/record.js';
import { openService, renewUser, servicePath } from '../support/services.js';
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
  ] as const)('%j says what is wrong', async (words, code, sentence) => {
    const { asRoot, gateway } = await openProject(await startTestGateway());
    const body = { service_name: 'pg-1', service_type: 'pg' };
    await asRoot('post', '/v1/project/p1/service', body).expect(200);
    const answer = await commandsOf(gateway).text(...words);
    expect(answer).toEqual({ code, said: expect.stringContaining(sentence) });
  });
});
