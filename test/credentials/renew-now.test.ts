import { expect, it } from '@jest/globals';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Announcement } from '../../src/notifications/outbox.js';
import { announced } from '../support/announced.js';
import { outboxOf } from '../support/announcements.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { addUser, callAsUser, expectRefusal, startOn } from '../support/people.js';
import { eventsOf, recordedCertificates } from '../support/record.js';
import { asHolder, filesIn, pairOf, setSelfService } from '../support/service-user-holder.js';
import { newKafka, openService, renewUser, servicePath, sha256Of } from '../support/services.js';
import type { ServiceHouse, ShownUser } from '../support/services.js';

const userPath = `${servicePath}/user/app`;
const renewals = `${userPath}/renewals`;

async function open(database: { readonly url: string }): Promise<ServiceHouse> {
  const house = await openService(await startOn(database));
  await house.asRoot('post', `${servicePath}/user`, { username: 'app' }).expect(200);
  return house;
}

function fits({ access_cert, access_key }: ShownUser): boolean {
  return new X509Certificate(access_cert).checkPrivateKey(createPrivateKey(access_key));
}

async function revokedIn({ gateway }: ServiceHouse): Promise<readonly string[]> {
  const rows = await recordedCertificates(gateway, 'service-user');
  return rows.filter(({ revoked_at }) => revoked_at !== null).map(({ sha256 }) => sha256);
}

describeOnEachDatabase('a renewal that somebody asks for', (fresh) => {
  it('SU-R3: makes a pair at once as the pass would, and another only when asked again', async () => {
    const { asRoot, gateway, user } = await open(await fresh());
    const before = await user('app');
    gateway.clock.advance(60);

    const { body } = await asRoot('post', renewals).expect(200);

    const after = await user('app');
    expect(body.user).toEqual(after);
    expect(fits(after)).toBe(true);
    expect(after.access_cert).not.toBe(before.access_cert);
    expect(after.password).toBe(before.password);
    expect(after.expiring_cert_not_valid_after_time).toBe(before.access_cert_not_valid_after_time);
    expectRefusal(await asRoot('post', renewals), 409, 'state-conflict');
    expectRefusal(await asRoot('post', renewals, { again: false }), 409, 'state-conflict');
    await asRoot('post', renewals, { again: true }).expect(200);
    await asRoot('put', userPath, { operation: 'acknowledge-renewal' }).expect(200);
    await asRoot('post', renewals, {}).expect(200);
    const events = await eventsOf(gateway, 'service-user.renewed');
    expect(events.map(({ actor }) => actor)).toEqual(Array(3).fill('user:root@example.com'));
    await gateway.renewServiceUsers();
    expect(await announced(gateway)).toEqual([
      'certificate-renewed p1/kafka-1 app -> mail root@example.com',
    ]);
  });

  it('SU-R9: names the end of what may still be in use, however often it is asked for', async () => {
    const house = await open(await fresh());
    const { asRoot, gateway, user } = house;
    const again = () => asRoot('post', renewals, { again: true }).expect(200);
    const expiring = async () => (await user('app')).expiring_cert_not_valid_after_time;
    const first = await pairOf(house, 'app');
    const { access_cert_not_valid_after_time: firstEnd } = await user('app');
    gateway.clock.advance(60);
    await again();
    gateway.clock.advance(60);
    await again();
    expect(await expiring()).toBe(firstEnd);
    await gateway.renewServiceUsers();
    const [entry] = await outboxOf(gateway);
    expect((JSON.parse(entry?.payload ?? '') as Announcement).users).toMatchObject([
      { username: 'app', oldNotAfter: Date.parse(firstEnd) / 1000 },
    ]);

    await setSelfService(house, 'app');
    const files = filesIn((await asHolder(gateway).fetch(first).expect(200)).body);
    const third = await user('app');
    expect(files['service.key']).toBe(third.access_key);
    await again();
    expect(await expiring()).toBe(third.access_cert_not_valid_after_time);
    await asRoot('post', `${userPath}/revocations`).expect(200);
    const { access_cert_not_valid_after_time: fourthEnd } = await user('app');
    await again();
    expect(await expiring()).toBe(fourthEnd);
    gateway.clock.advance(60);
    await asRoot('post', `${servicePath}/renewals`, { again: true }).expect(202);
    await gateway.renewServiceUsers();
    expect(await expiring()).toBe(fourthEnd);
  });

  it('SU-P3: is one when it is delivered twice with a key', async () => {
    const { asRoot, gateway, user } = await open(await fresh());
    const send = (key: string, body: object) =>
      asRoot('post', renewals, body).set('Idempotency-Key', key);
    await send('a', {}).expect(200);
    const first = await user('app');
    expect((await send('a', { again: true }).expect(200)).body.user).toEqual(first);
    await send('b', { again: true }).expect(200);
    expectRefusal(await send('x'.repeat(256), {}), 400, 'field-invalid');
    expect(await eventsOf(gateway, 'service-user.renewed')).toHaveLength(2);
  });

  it('of a service or project is made by the next pass, and says who is passed over and why', async () => {
    const house = await open(await fresh());
    const { asRoot, gateway, user } = house;
    for (const username of ['pending', 'revoked', 'late'])
      await asRoot('post', `${servicePath}/user`, { username }).expect(200);
    await renewUser(gateway, 'pending');
    const revoked = sha256Of((await user('revoked')).access_cert);
    await gateway.database.db
      .updateTable('certificates')
      .set({ revoked_at: gateway.clock.now(), revocation_reason: 'superseded' })
      .where('sha256', '=', revoked)
      .execute();
    await asRoot('post', '/v1/project/p1/service', { ...newKafka, service_name: 'off' });
    await asRoot('put', '/v1/project/p1/service/off', { powered: false }).expect(200);
    const pg = { service_name: 'pg-1', service_type: 'pg' };
    await asRoot('post', '/v1/project/p1/service', pg).expect(200);
    const before = await user('app');

    const all = () => asRoot('post', '/v1/project/p1/renewals').set('Idempotency-Key', 'one');
    const { body } = await all().expect(202);
    expect(body).toMatchObject({ asked: 3, passed_over_count: 4 });
    const named = body.passed_over as { service: string; username: string; reason: string }[];
    expect(named.map((one) => `${one.service} ${one.username} ${one.reason}`)).toEqual([
      'kafka-1 pending unacknowledged',
      'kafka-1 revoked revoked',
      'off avnadmin service-off',
      'pg-1 avnadmin certificates-off',
    ]);
    expect(await user('app')).toEqual(before);
    await gateway.renewServiceUsers();
    const after = await user('app');
    expect(fits(after) && after.access_cert !== before.access_cert).toBe(true);
    const renewed = () => eventsOf(gateway, 'service-user.renewed');
    expect(await renewed()).toHaveLength(4);
    expect((await all().expect(202)).body).toMatchObject({ asked: 3 });
    await gateway.renewServiceUsers();
    expect(await renewed()).toHaveLength(4);
    const one = await asRoot('post', `${servicePath}/renewals`, { again: true }).expect(202);
    expect(one.body).toMatchObject({ asked: 4, passed_over_count: 1 });
    await gateway.renewServiceUsers();
    expect(await renewed()).toHaveLength(8);
    expect((await eventsOf(gateway, 'project.renewals-asked'))[0]).toMatchObject({ project: 'p1' });
  });

  it('SU-R8: waits while the service has no power, and is dropped with the user', async () => {
    const { asRoot, gateway, user } = await open(await fresh());
    await asRoot('post', `${servicePath}/renewals`).expect(202);
    await asRoot('put', servicePath, { powered: false }).expect(200);
    const before = await user('app');
    await gateway.renewServiceUsers();
    expect(await user('app')).toEqual(before);
    expectRefusal(await asRoot('post', renewals), 409, 'state-conflict');
    await asRoot('put', servicePath, { powered: true }).expect(200);
    await asRoot('delete', userPath).expect(200);
    await gateway.renewServiceUsers();
    const events = await eventsOf(gateway, 'service-user.renewed');
    expect(events.map(({ holder }) => holder)).toEqual(['p1/kafka-1/avnadmin']);
  });

  it('SU-A1: of all users is acknowledged at once, and nothing twice', async () => {
    const { asRoot, gateway, user } = await open(await fresh());
    await asRoot('post', `${servicePath}/renewals`).expect(202);
    await gateway.renewServiceUsers();
    const path = `${servicePath}/acknowledgements`;
    const { body } = await asRoot('post', path).expect(200);
    expect(body.acknowledged).toEqual(['app', 'avnadmin']);
    expect(await user('app')).not.toHaveProperty('expiring_cert_not_valid_after_time');
    expect((await asRoot('post', path).expect(200)).body.acknowledged).toEqual([]);
    expect(await eventsOf(gateway, 'service-user.acknowledged')).toHaveLength(2);
  });

  it('SU-A2: leaves an old certificate that can be revoked, pending or not, and the present one stays', async () => {
    const house = await open(await fresh());
    const { asRoot, gateway, user } = house;
    const path = `${userPath}/revocations`;
    expectRefusal(await asRoot('post', path), 409, 'state-conflict');
    const first = sha256Of((await user('app')).access_cert);
    await asRoot('post', renewals).expect(200);
    const second = sha256Of((await user('app')).access_cert);
    const { body } = await asRoot('post', path).expect(200);
    expect(body.revoked).toMatchObject([{ sha256: first }]);
    expect((await asRoot('post', path).expect(200)).body.revoked).toEqual([]);
    expect(await user('app')).toHaveProperty('expiring_cert_not_valid_after_time');
    await asRoot('put', userPath, { operation: 'acknowledge-renewal' }).expect(200);
    await asRoot('post', renewals).expect(200);
    await asRoot('put', userPath, { operation: 'acknowledge-renewal' }).expect(200);
    await asRoot('post', path, { reason: 'keyCompromise' }).expect(200);
    expect([...(await revokedIn(house))].sort()).toEqual([first, second].sort());
    const barred = await gateway.database.db
      .selectFrom('public_keys')
      .select('holder')
      .where('compromised_at', 'is not', null)
      .execute();
    expect(barred).toEqual(Array(2).fill({ holder: 'p1/kafka-1/app' }));
    const twice = await asRoot('post', path, { reason: 'keyCompromise' }).expect(200);
    expect(twice.body.revoked).toEqual([]);
    const events = await eventsOf(gateway, 'service-user.old-revoked');
    expect(events.map(({ detail }) => JSON.parse(detail) as object)).toMatchObject([
      { reason: 'superseded', certificates: [first] },
      { reason: 'keyCompromise', certificates: expect.arrayContaining([first, second]) },
    ]);
    expectRefusal(await asRoot('post', path, { reason: 'none' }), 400, 'field-invalid');
    await asRoot('delete', userPath).expect(200);
    gateway.clock.advance(1);
    await asRoot('post', `${servicePath}/user`, { username: 'app' }).expect(200);
    expectRefusal(await asRoot('post', path, { reason: 'keyCompromise' }), 409, 'state-conflict');
    await asRoot('post', renewals).expect(200);
    expectRefusal(
      await asRoot('post', `${servicePath}/user/no/revocations`),
      404,
      'resource-unknown',
    );
  });

  it('SU-A4: is for whoever may change users, that of a project for its admins', async () => {
    const { addMember, asRoot, gateway } = await open(await fresh());
    const operator = await addMember('operator');
    const others = [await addMember('developer'), await addMember('read_only')];
    const stranger = await addUser(gateway, 'stranger@example.com');
    const ways = [
      ['post', renewals, {}],
      ['post', `${servicePath}/renewals`, {}],
      ['post', `${servicePath}/acknowledgements`, {}],
      ['post', `${userPath}/revocations`, {}],
      ['put', `${userPath}/certificate-request`, { csr: '' }],
      ['delete', `${userPath}/certificate-request`, {}],
      ['put', `${userPath}/recipients`, { recipients: [] }],
      ['post', '/v1/project/p1/renewals', {}],
    ] as const;
    const before = await recordedCertificates(gateway, 'service-user');
    for (const [method, path, body] of ways) {
      for (const member of others)
        expectRefusal(
          await callAsUser(gateway, member, method, path).send(body),
          403,
          'right-missing',
        );
      expectRefusal(
        await callAsUser(gateway, stranger, method, path).send(body),
        404,
        'project-unknown',
      );
    }
    await gateway.renewServiceUsers();
    expect(await recordedCertificates(gateway, 'service-user')).toEqual(before);
    expect(await eventsOf(gateway, 'service.renewals-asked')).toEqual([]);
    const allOf = '/v1/project/p1/renewals';
    expectRefusal(await callAsUser(gateway, operator, 'post', allOf), 403, 'right-missing');
    await callAsUser(gateway, operator, 'post', renewals).expect(200);
    for (const path of [renewals, `${servicePath}/renewals`, allOf]) {
      expectRefusal(await asRoot('post', path, []), 400, 'json-malformed');
      expectRefusal(await asRoot('post', path, { again: 'yes' }), 400, 'field-invalid');
      if (path !== allOf)
        expectRefusal(await asRoot('post', path.replace('kafka-1', 'no')), 404, 'resource-unknown');
    }
  });
});
