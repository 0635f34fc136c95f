import { describe, expect, it } from '@jest/globals';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describeOnEachDatabase } from '../support/databases.js';
import { startTestGateway } from '../support/gateway.js';
import { callAsUser, expectRefusal, startOn } from '../support/people.js';
import { eventsOf, recordedCertificates } from '../support/record.js';
import {
  openService,
  renewUser,
  servicePath,
  serviceUsersOf,
  sha256Of,
} from '../support/services.js';
import type { ShownUser } from '../support/services.js';

const seconds = (text: string): number => Math.floor(Date.parse(text) / 1000);
const octets = 'application/octet-stream';

function fits({ access_cert, access_key }: ShownUser): boolean {
  return new X509Certificate(access_cert).checkPrivateKey(createPrivateKey(access_key));
}

describeOnEachDatabase('a service user', (fresh) => {
  it('SU-R1: has a certificate of 820 days, its end told to the second, and nothing pending', async () => {
    const { asRoot, gateway, user } = await openService(await startOn(await fresh()));
    const path = `${servicePath}/user`;
    const created = await asRoot('post', path, { username: 'app' }).expect(200);
    const shown = await user('app');
    expect(shown).toEqual(created.body.user);
    const certificate = new X509Certificate(shown.access_cert);
    const end = gateway.clock.now() + 820 * 86_400;
    expect(seconds(certificate.validTo)).toBe(end);
    expect(seconds(shown.access_cert_not_valid_after_time)).toBe(end);
    expect(shown).not.toHaveProperty('expiring_cert_not_valid_after_time');
    expect(certificate.subject).toBe('O=p1\nOU=kafka-1\nCN=app');
    expect(shown.access_key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(fits(shown)).toBe(true);
    expect(shown.password).toMatch(/^[A-Za-z2-9]{24}$/);
    const [event] = await eventsOf(gateway, 'service-user.created').then((all) => all.slice(-1));
    expect(event).toMatchObject({
      certificate: sha256Of(shown.access_cert),
      holder: 'p1/kafka-1/app',
      project: 'p1',
      service: 'kafka-1',
    });
  });

  it('SU-W7: of a name that is there already is refused with 409 and "already exists"', async () => {
    const { asRoot, gateway } = await openService(await startOn(await fresh()));
    const again = await asRoot('post', `${servicePath}/user`, { username: 'avnadmin' });
    expectRefusal(again, 409, 'exists-already');
    expect(again.body.message).toContain('already exists');
    expect(await recordedCertificates(gateway, 'service-user')).toHaveLength(1);
  });

  it('SU-P1: gets password, key and certificate anew, and its pending renewal is over', async () => {
    const { gateway, user, reset } = await openService(await startOn(await fresh()));
    await renewUser(gateway, 'avnadmin');
    const before = await user('avnadmin');
    expect(before).toHaveProperty('expiring_cert_not_valid_after_time');
    const { body } = await reset('avnadmin').expect(200);
    const after = await user('avnadmin');
    expect(body.service.users).toEqual([after]);
    expect(after).not.toHaveProperty('expiring_cert_not_valid_after_time');
    for (const part of ['password', 'access_key', 'access_cert'] as const)
      expect(after[part]).not.toBe(before[part]);
    expect(fits(after)).toBe(true);
    const certificates = await recordedCertificates(gateway, 'service-user');
    expect(certificates.map(({ revoked_at }) => revoked_at)).toEqual([null, null, null]);
    const [{ holder, certificate } = {}] = await eventsOf(gateway, 'service-user.reset');
    expect({ holder, certificate }).toEqual({
      holder: 'p1/kafka-1/avnadmin',
      certificate: sha256Of(after.access_cert),
    });
  });

  it('SU-P2: takes exactly the password that is named', async () => {
    const { user, reset } = await openService(await startOn(await fresh()));
    for (const new_password of ['12345678', 'ü'.repeat(256), ' <&> pass ']) {
      await reset('avnadmin', { new_password }).expect(200);
      expect((await user('avnadmin')).password).toBe(new_password);
    }
    const before = await user('avnadmin');
    for (const new_password of ['1234567', 'x'.repeat(257), '<redacted>', 12345678])
      expectRefusal(await reset('avnadmin', { new_password }), 400, 'field-invalid');
    expect(await user('avnadmin')).toEqual(before);
  });

  it('SU-P3: is rotated once by the same reset delivered twice, and again by another', async () => {
    const { gateway, user, reset } = await openService(await startOn(await fresh()));
    const send = (key: string, body = {}) => reset('avnadmin', body).set('Idempotency-Key', key);
    await send('a').expect(200);
    const first = await user('avnadmin');
    const again = await send('a').expect(200);
    expect(again.body.service.users).toEqual([first]);
    await send('b', { new_password: 'password-b' }).expect(200);
    const second = await user('avnadmin');
    expect(second.access_cert).not.toBe(first.access_cert);
    await send('b', { new_password: 'password-b' }).expect(200);
    const refused = await send('b', { new_password: 'password-c' });
    expectRefusal(refused, 409, 'state-conflict');
    for (const wrong of ['x'.repeat(256), 'a b'])
      expectRefusal(await send(wrong), 400, 'field-invalid');
    expect(await user('avnadmin')).toEqual(second);
    expect(await eventsOf(gateway, 'service-user.reset')).toHaveLength(2);
  });

  it('SU-P4: is reset by its own path too, and all users by that of the service', async () => {
    const { asRoot, user } = await openService(await startOn(await fresh()));
    await asRoot('post', `${servicePath}/user`, { username: 'app' }).expect(200);
    const ways = [
      ['put', `${servicePath}/user/app/credentials/reset`],
      ['post', `${servicePath}/user/app/reset-credentials`],
      ['put', `${servicePath}/credentials/reset`],
    ] as const;
    for (const [method, path] of ways) {
      const before = await Promise.all([user('app'), user('avnadmin')]);
      const { body } = await asRoot(method, path).set('Content-Type', octets).expect(200);
      const after = await Promise.all([user('app'), user('avnadmin')]);
      expect(body.service.users).toEqual(after);
      const changed = after.map((one, at) => one.access_key !== before[at]?.access_key);
      expect(changed).toEqual([true, path.includes('kafka-1/credentials')]);
      expect(after.every(fits)).toBe(true);
    }
  });

  it('SU-A1, SU-A2, SU-A3: acknowledges what is pending, once, and nothing else changes', async () => {
    const { asRoot, gateway, user } = await openService(await startOn(await fresh()));
    const old = await user('avnadmin');
    gateway.clock.advance(730 * 86_400);
    await renewUser(gateway, 'avnadmin');
    const pending = await user('avnadmin');
    expect(pending.expiring_cert_not_valid_after_time).toBe(old.access_cert_not_valid_after_time);
    expect(pending.password).toBe(old.password);
    expect(pending.access_key).not.toBe(old.access_key);
    expect(fits(pending)).toBe(true);
    const acknowledge = () =>
      asRoot('put', `${servicePath}/user/avnadmin`, { operation: 'acknowledge-renewal' });
    const { body } = await acknowledge().expect(200);
    const settled = Object.entries(pending).filter(([name]) => !name.startsWith('expiring'));
    expect(body.service.users).toEqual([Object.fromEntries(settled)]);
    await acknowledge().expect(200);
    const events = await eventsOf(gateway, 'service-user.acknowledged');
    expect(events.map(({ actor, service }) => [actor, service])).toEqual([
      ['user:root@example.com', 'kafka-1'],
    ]);
    const [first] = await recordedCertificates(gateway, 'service-user');
    expect(first).toMatchObject({ sha256: sha256Of(old.access_cert), revoked_at: null });
  });

  it('SU-A7: is acknowledged only for the renewal that was pending when it was read', async () => {
    const { gateway, user } = await openService(await startOn(await fresh()));
    const { users, acknowledgeRenewal } = await serviceUsersOf(gateway);
    const name = { project: 'p1', service: 'kafka-1', username: 'avnadmin' };
    await renewUser(gateway, 'avnadmin');
    const read = await users.find(name);
    await renewUser(gateway, 'avnadmin');
    const later = await user('avnadmin');
    if (!read) throw new Error('there is no user');
    expect(await acknowledgeRenewal({ user: read, actor: 'test' })).toBe(false);
    expect(await user('avnadmin')).toEqual(later);
    expect(later).toHaveProperty('expiring_cert_not_valid_after_time');
    expect(await eventsOf(gateway, 'service-user.acknowledged')).toEqual([]);
  });

  it('is deleted with its certificates revoked; the primary user stays', async () => {
    const { asRoot, gateway, user } = await openService(await startOn(await fresh()));
    const path = `${servicePath}/user/app`;
    await asRoot('post', `${servicePath}/user`, { username: 'app' }).expect(200);
    await renewUser(gateway, 'app');
    const stays = await asRoot('delete', `${servicePath}/user/avnadmin`);
    expectRefusal(stays, 409, 'state-conflict');
    await asRoot('delete', path).set('Content-Type', octets).expect(200);
    expectRefusal(await asRoot('delete', path), 404, 'resource-unknown');
    expectRefusal(await asRoot('get', path), 404, 'resource-unknown');
    const rows = await recordedCertificates(gateway, 'service-user');
    const reasons = rows.map((row) => [row.holder, row.revocation_reason]).sort();
    expect(reasons).toEqual([
      ['p1/kafka-1/app', 'cessationOfOperation'],
      ['p1/kafka-1/app', 'cessationOfOperation'],
      ['p1/kafka-1/avnadmin', null],
    ]);
    await asRoot('post', `${servicePath}/user`, { username: 'app' }).expect(200);
    expect(fits(await user('app'))).toBe(true);
  });

  it('notes its access control', async () => {
    const { asRoot, user } = await openService(await startOn(await fresh()));
    const access_control = { valkey_acl_keys: ['a*'], valkey_acl_commands: [] };
    const created = { username: 'app', access_control };
    const { body } = await asRoot('post', `${servicePath}/user`, created).expect(200);
    expect(body.user).toMatchObject(created);
    const change = { operation: 'set-access-control', access_control: { valkey_acl_keys: [] } };
    await asRoot('put', `${servicePath}/user/app`, change).expect(200);
    expect(await user('app')).toMatchObject({ access_control: change.access_control });
    for (const wrong of [{}, { access_control: [] }, { access_control: { a: '<redacted>' } }]) {
      const order = { operation: 'set-access-control', ...wrong };
      const refused = await asRoot('put', `${servicePath}/user/app`, order);
      expectRefusal(refused, 400, 'field-invalid');
    }
  });

  it('SU-W4: of a name with slash, at and space is addressed exactly', async () => {
    const { asRoot, user } = await openService(await startOn(await fresh()));
    for (const username of ['a', 'a/b@c d', 'a%2Fb', 'ä+b'.replace('+', '-')])
      await asRoot('post', `${servicePath}/user`, { username }).expect(200);
    for (const username of ['a/b@c d', 'a%2Fb', 'a', 'ä-b'])
      expect((await user(encodeURIComponent(username))).username).toBe(username);
    await asRoot('delete', `${servicePath}/user/a%2Fb%40c%20d`).expect(200);
    expect((await user('a')).username).toBe('a');
    expectRefusal(await asRoot('get', `${servicePath}/user/a/b`), 404, 'not-found');
    const nobody = [`${servicePath}/user/a%00`, `${servicePath}%00`, `${servicePath}%00/user/a`];
    for (const path of nobody) expectRefusal(await asRoot('get', path), 404, 'resource-unknown');
  });

  it('SU-A5: is changed by nothing that is no operation', async () => {
    const { asRoot, gateway, user } = await openService(await startOn(await fresh()));
    await renewUser(gateway, 'avnadmin');
    const before = await user('avnadmin');
    const path = `${servicePath}/user/avnadmin`;
    for (const body of [{}, { operation: 'nosuch' }, { operation: null }, { operation: ['x'] }])
      expectRefusal(await asRoot('put', path, body), 400, 'field-invalid');
    for (const text of ['', 'x', '[]', '"acknowledge-renewal"', '{"operation":'])
      expectRefusal(await asRoot('put', path).type('json').send(text), 400, 'json-malformed');
    const unknown = { operation: 'acknowledge-renewal' };
    expectRefusal(
      await asRoot('put', `${servicePath}/user/none`, unknown),
      404,
      'resource-unknown',
    );
    expect(await user('avnadmin')).toEqual(before);
  });

  it('SU-A4: is changed by admins and operators alone', async () => {
    const { gateway, addMember, user } = await openService(await startOn(await fresh()));
    await renewUser(gateway, 'avnadmin');
    const before = await user('avnadmin');
    const path = `${servicePath}/user/avnadmin`;
    for (const role of ['developer', 'read_only'] as const) {
      const member = await addMember(role);
      const call = (method: 'post' | 'put' | 'delete', at: string, body = {}) =>
        callAsUser(gateway, member, method, at).send(body);
      for (const answer of [
        await call('put', path, { operation: 'acknowledge-renewal' }),
        await call('put', path, { operation: 'reset-credentials' }),
        await call('put', `${path}/credentials/reset`),
        await call('post', `${path}/reset-credentials`),
        await call('put', `${servicePath}/credentials/reset`),
        await call('post', `${servicePath}/user`, { username: 'x' }),
        await call('delete', path),
        await call('post', '/v1/project/p1/service', {}),
        await call('put', servicePath, { powered: false }),
        await call('delete', servicePath),
      ])
        expectRefusal(answer, 403, 'right-missing');
    }
    expect(await user('avnadmin')).toEqual(before);
    const operator = await addMember('operator');
    await callAsUser(gateway, operator, 'put', path)
      .send({ operation: 'acknowledge-renewal' })
      .expect(200);
  });
});

describe('a service user', () => {
  it.each(['', ' a', 'a ', '.', '..', 'a,O=b', 'a\nb', 'a\u202eb', 'x'.repeat(65), 'a"b', 'a\\b'])(
    'is refused the name %j',
    async (username) => {
      const { asRoot } = await openService(await startTestGateway());
      const refused = await asRoot('post', `${servicePath}/user`, { username });
      expectRefusal(refused, 400, 'name-invalid');
    },
  );

  it('of a service without certificates is reset without one', async () => {
    const { asRoot, gateway, user, reset } = await openService(await startTestGateway());
    await renewUser(gateway, 'avnadmin');
    const off = { user_config: { kafka_authentication_methods: { certificate: false } } };
    await asRoot('put', servicePath, off).expect(200);
    const before = await user('avnadmin');
    await reset('avnadmin').set('Idempotency-Key', 'a').expect(200);
    await reset('avnadmin').set('Idempotency-Key', 'a').expect(200);
    const after = await user('avnadmin');
    expect(after.access_cert).toBe(before.access_cert);
    expect(after.password).not.toBe(before.password);
    expect(after).not.toHaveProperty('expiring_cert_not_valid_after_time');
    expect(await eventsOf(gateway, 'service-user.reset')).toHaveLength(1);
  });

  it('has the validity of its service, else of its project', async () => {
    const { asRoot, gateway, user, reset } = await openService(await startTestGateway());
    const life = async () => {
      await reset('avnadmin').expect(200);
      const { access_cert_not_valid_after_time: end } = await user('avnadmin');
      return (seconds(end) - gateway.clock.now()) / 86_400;
    };
    await asRoot('put', '/v1/project/p1', { certificate_validity: '365d' }).expect(200);
    expect(await life()).toBe(365);
    await asRoot('put', servicePath, { certificate_validity: '100d' }).expect(200);
    expect(await life()).toBe(100);
    await asRoot('put', servicePath, { certificate_validity: null }).expect(200);
    expect(await life()).toBe(365);
  });
});
