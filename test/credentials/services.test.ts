import { describe, expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import { startTestGateway } from '../support/gateway.js';
import { expectRefusal, openProject, startOn } from '../support/people.js';
import { eventsOf, recordedCertificates } from '../support/record.js';
import { newKafka, openService, servicePath } from '../support/services.js';

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

describeOnEachDatabase('a service', (fresh) => {
  it('is created as avn asks for it, with its primary user', async () => {
    const { asRoot, gateway } = await openProject(await startOn(await fresh()));
    const type = await asRoot('get', '/v1/project/p1/service-types/kafka')
      .set('Content-Type', 'application/octet-stream')
      .expect(200);
    expect(type.body.user_config_schema.properties).toHaveProperty('host.type', 'string');
    expect((await asRoot('get', '/v1/project/p1/vpcs').expect(200)).body).toEqual({ vpcs: [] });
    const created = await asRoot('post', '/v1/project/p1/service?limit=999', newKafka).expect(200);
    expect(created.body.service).toMatchObject({
      service_name: 'kafka-1',
      service_type: 'kafka',
      state: 'RUNNING',
      cloud_name: '',
      plan: 'self-hosted',
      create_time: expect.stringMatching(time),
      update_time: expect.stringMatching(time),
      service_uri: 'kafka.example.com:9093',
      components: [
        expect.objectContaining({
          component: 'kafka',
          host: 'kafka.example.com',
          port: 9093,
          kafka_authentication_method: 'certificate',
        }),
      ],
      users: [{ username: 'avnadmin', type: 'primary' }],
      tech_emails: [],
      user_config: { host: 'kafka.example.com', port: 9093 },
    });
    const [primary] = created.body.service.users;
    expect(created.body.service.connection_info).toEqual({
      kafka: ['kafka.example.com:9093'],
      kafka_access_cert: primary.access_cert,
      kafka_access_key: primary.access_key,
    });
    const shown = await asRoot('get', servicePath).expect(200);
    expect(shown.body).toEqual(created.body);
    const list = await asRoot('get', '/v1/project/p1/service').expect(200);
    expect(list.body).toEqual({ services: [created.body.service] });
    const events = await eventsOf(gateway, 'service.created', 'service-user.created');
    expect(events.map(({ action, service, actor }) => [action, service, actor])).toEqual([
      ['service.created', 'kafka-1', 'user:root@example.com'],
      ['service-user.created', 'kafka-1', 'user:root@example.com'],
    ]);
  });

  it('SU-W7: of a name that is there already is refused with 409 and "already exists"', async () => {
    const { asRoot, gateway } = await openService(await startOn(await fresh()));
    const again = await asRoot('post', '/v1/project/p1/service', newKafka);
    expectRefusal(again, 409, 'exists-already');
    expect(again.body.message).toContain('already exists');
    expect(await recordedCertificates(gateway, 'service-user')).toHaveLength(1);
  });

  it('changes what is named and keeps the rest', async () => {
    const { asRoot, gateway } = await openService(await startOn(await fresh()));
    gateway.clock.advance(5);
    const off = { powered: false, plan: 'big', user_config: { topic: { a: 1 }, port: 9999 } };
    const first = await asRoot('put', servicePath, off).expect(200);
    expect(first.body.service).toMatchObject({
      state: 'POWEROFF',
      plan: 'big',
      user_config: { host: 'kafka.example.com', port: 9999, topic: { a: 1 } },
      users: [{ username: 'avnadmin' }],
    });
    expect(first.body.service.update_time).not.toBe(first.body.service.create_time);
    const change = {
      powered: true,
      user_config: { topic: null },
      tech_emails: [{ email: 'ops@example.com' }],
      certificate_validity: '30d',
      renew_before: '5d',
    };
    const second = await asRoot('put', servicePath, change).expect(200);
    expect(second.body.service).toMatchObject({
      state: 'RUNNING',
      plan: 'big',
      tech_emails: change.tech_emails,
      certificate_validity: '30d',
      renew_before: '5d',
    });
    expect(second.body.service.user_config).toEqual({ host: 'kafka.example.com', port: 9999 });
    await asRoot('put', servicePath, {}).expect(200);
    expect(await eventsOf(gateway, 'service.changed')).toHaveLength(2);
  });

  it('is deleted with its users, whose certificates are revoked', async () => {
    const { asRoot, gateway } = await openService(await startOn(await fresh()));
    await asRoot('post', `${servicePath}/user`, { username: 'app' }).expect(200);
    await asRoot('delete', servicePath).expect(200);
    const told = await asRoot('get', '/v1/project/p1/events').expect(200);
    expect((told.body.events as object[]).slice(0, 2)).toEqual([
      expect.objectContaining({
        event_type: 'service.deleted',
        service_name: 'kafka-1',
        event_desc: 'The service was deleted, its certificates were revoked.',
      }),
      expect.objectContaining({ event_desc: 'The user app was created.' }),
    ]);
    expectRefusal(await asRoot('get', servicePath), 404, 'resource-unknown');
    expectRefusal(await asRoot('delete', servicePath), 404, 'resource-unknown');
    expect(await gateway.database.db.selectFrom('service_users').selectAll().execute()).toEqual([]);
    const certificates = await recordedCertificates(gateway, 'service-user');
    expect(certificates.map((one) => one.revocation_reason)).toEqual([
      'cessationOfOperation',
      'cessationOfOperation',
    ]);
    expect(await eventsOf(gateway, 'service.deleted')).toHaveLength(1);
    await asRoot('post', '/v1/project/p1/service', newKafka).expect(200);
  });

  it('SU-W8: that is not there is told so without its name', async () => {
    const { asRoot } = await openProject(await startOn(await fresh()));
    const path = '/v1/project/p1/service/none';
    for (const answer of [
      await asRoot('get', path),
      await asRoot('put', path, {}),
      await asRoot('delete', path),
      await asRoot('post', `${path}/user`, { username: 'x' }),
      await asRoot('put', `${path}/credentials/reset`),
    ]) {
      expectRefusal(answer, 404, 'resource-unknown');
      expect(answer.body.message).toBe('Service not found.');
    }
    const type = await asRoot('get', '/v1/project/p1/service-types/nosuch');
    expectRefusal(type, 404, 'resource-unknown');
    const { body } = await asRoot('get', '/v1/project/p1/service_types').expect(200);
    expect(body.service_types).toHaveProperty('pg.user_config_schema.properties.host');
  });
});

describe('a service', () => {
  it.each([
    [{ service_name: 'Kafka' }, 'name-invalid', 'lower-case'],
    [{ service_name: 'a/b' }, 'name-invalid', 'lower-case'],
    [{ service_type: 'nosuch' }, 'field-invalid', 'service_types'],
    [{ service_type: 'toString' }, 'field-invalid', 'service_types'],
    [{ termination_protection: true }, 'field-invalid', 'termination_protection'],
    [{ user_config: { port: 0 } }, 'field-invalid', 'user_config.port'],
    [{ user_config: { host: 'a b' } }, 'field-invalid', 'user_config.host'],
    [{ user_config: [] }, 'field-invalid', 'user_config'],
    [{ user_config: { a: ['<redacted>'] } }, 'field-invalid', '<redacted>'],
    [{ certificate_validity: '30d' }, 'field-invalid', 'renew_before'],
    [{ tech_emails: [{ email: 'x' }] }, 'field-invalid', 'tech_emails'],
  ] as const)('is refused with %j', async (wrong, reason, words) => {
    const { asRoot } = await openProject(await startTestGateway());
    const refused = await asRoot('post', '/v1/project/p1/service', { ...newKafka, ...wrong });
    expectRefusal(refused, 400, reason);
    expect(refused.body.message).toContain(words);
    expect((await asRoot('get', '/v1/project/p1/service')).body).toEqual({ services: [] });
  });

  it('is refused a config that is nested without end, and takes hostile keys for what they are', async () => {
    const { asRoot } = await openService(await startTestGateway());
    const deep = `{"user_config": {"a": ${'['.repeat(20_000)}${']'.repeat(20_000)}}}`;
    const refused = await asRoot('put', servicePath).type('json').send(deep);
    expectRefusal(refused, 400, 'field-invalid');
    const odd = '{"user_config": {"__proto__": {"host": 1}, "constructor": 2}}';
    const { body } = await asRoot('put', servicePath).type('json').send(odd).expect(200);
    expect(body.service.user_config).toMatchObject({ host: 'kafka.example.com', constructor: 2 });
  });

  it('without certificates has users with a password alone, and a URI without one', async () => {
    const { asRoot } = await openProject(await startTestGateway());
    const { body } = await asRoot('post', '/v1/project/p1/service', {
      service_name: 'pg-1',
      service_type: 'pg',
      user_config: { host: '2001:db8::1' },
    }).expect(200);
    const [user] = body.service.users;
    expect(user).toMatchObject({ username: 'avnadmin', password: expect.any(String) });
    expect(
      Object.keys(user).filter((name) => name.includes('cert') || name.includes('key')),
    ).toEqual([]);
    expect(body.service.service_uri).toBe(
      'postgres://avnadmin@[2001:db8::1]:5432/defaultdb?sslmode=require',
    );
  });
});
