import { expect, it } from '@jest/globals';
import { takeAnnounced } from '../support/announced.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { day, startServiceHouse } from '../support/service-users.js';
import type { ServiceHouse } from '../support/service-users.js';

/** Moves on by whole days, with a pass on each of them, and gives what each day announced. */
async function pass(house: ServiceHouse, days: number): Promise<string[][]> {
  const told: string[][] = [];
  for (let index = 0; index < days; index += 1) {
    house.gateway.clock.advance(day);
    await house.pass();
    told.push(await takeAnnounced(house.gateway));
  }
  return told;
}

/** Users of a service, whose renewal is due now. */
async function startDue(
  database: { readonly url: string },
  ...users: readonly (readonly [string, readonly string[]])[]
): Promise<ServiceHouse> {
  const house = await startServiceHouse(database);
  await house.addService();
  for (const [name, recipients] of users) await house.addUser(name, { recipients });
  house.gateway.clock.advance(730 * day);
  return house;
}

describeOnEachDatabase('what is announced of renewals', (fresh) => {
  it('SU-N1: goes once to admins, operators and technical addresses, and names project, service, users and ends', async () => {
    const house = await startDue(await fresh(), ['app', []], ['web', []]);
    const { db } = house.gateway.database;
    await db.updateTable('projects').set({ tech_emails: '["ops@example.com"]' }).execute();
    for (const role of ['admin', 'operator', 'developer', 'read_only'] as const)
      await house.addMember(role);
    const before = await house.find('app');

    await house.pass();

    const rows = await db.selectFrom('outbox').selectAll().orderBy('recipient').execute();
    const after = await house.find('app');
    const web = await house.find('web');
    expect(rows.map(({ recipient, channel, state }) => [recipient, channel, state])).toEqual(
      ['admin', 'operator', 'ops'].map((name) => [`${name}@example.com`, 'mail', 'waiting']),
    );
    expect(JSON.parse(rows[0]?.payload ?? '')).toEqual({
      kind: 'certificate-renewed',
      project: 'p1',
      service: 'kafka-1',
      users: [
        {
          username: 'app',
          oldNotAfter: before.pair?.notAfter,
          newNotAfter: after.pair?.notAfter,
        },
        {
          username: 'web',
          oldNotAfter: web.pending?.oldNotAfter,
          newNotAfter: web.pair?.notAfter,
        },
      ],
    });
  });

  it('SU-N2: goes to the addresses of the service instead of the project, and to them alone where it says so', async () => {
    const house = await startDue(await fresh(), ['app', []]);
    await house.gateway.database.db
      .updateTable('projects')
      .set({ tech_emails: '["ops@example.com"]' })
      .execute();
    await house.addMember('admin');
    await house.addMember('operator');
    await house.changeService({ techEmails: ['team@example.com'] });
    await house.pass();
    expect(await takeAnnounced(house.gateway)).toEqual(
      ['admin', 'operator', 'team'].map(
        (name) => `certificate-renewed p1/kafka-1 app -> mail ${name}@example.com`,
      ),
    );

    await house.changeService({ userConfig: { everleaf_recipients: 'service' } });
    expect((await pass(house, 31)).flat()).toEqual([
      'certificate-reminder p1/kafka-1 app -> mail team@example.com',
    ]);
  });

  it('SU-N3: goes once to who is reached in several ways', async () => {
    const house = await startDue(await fresh(), ['app', ['Jo@example.com', 'other@example.com']]);
    await house.addMember('admin', 'jo@example.com');
    await house.changeService({ techEmails: ['JO@example.com', 'jo@example.com'] });
    await house.pass();
    expect(await takeAnnounced(house.gateway)).toEqual([
      'certificate-renewed p1/kafka-1 app -> mail jo@example.com',
      'certificate-renewed p1/kafka-1 app -> mail other@example.com',
    ]);
  });

  it('names to the recipients of a user that user alone', async () => {
    const house = await startDue(
      await fresh(),
      ['app', ['team-a@example.com']],
      ['web', ['team-a@example.com', 'team-b@example.com']],
      ['zoo', []],
    );
    await house.addMember('admin');
    await house.pass();
    expect(await takeAnnounced(house.gateway)).toEqual([
      'certificate-renewed p1/kafka-1 app,web -> mail team-a@example.com',
      'certificate-renewed p1/kafka-1 app,web,zoo -> mail admin@example.com',
      'certificate-renewed p1/kafka-1 web -> mail team-b@example.com',
    ]);
  });

  it('goes to every webhook of the project', async () => {
    const house = await startDue(await fresh(), ['app', []]);
    const row = { project: 'p1', sealed_secret: '', created_at: 0, created_by: '' };
    await house.gateway.database.db
      .insertInto('webhooks')
      .values({ ...row, id: 'wh1', url: 'https://hooks.example.com' })
      .execute();
    await house.addMember('admin');
    await house.pass();
    expect(await takeAnnounced(house.gateway)).toEqual([
      'certificate-renewed p1/kafka-1 app -> mail admin@example.com',
      'certificate-renewed p1/kafka-1 app -> webhook wh1',
    ]);
  });

  it('SU-N4: is repeated until it is acknowledged, and never after that', async () => {
    const house = await startDue(await fresh(), ['app', []]);
    await house.addMember('admin');
    await house.pass();
    await takeAnnounced(house.gateway);

    const told = await pass(house, 85);
    expect(told.flatMap((some, index) => some.map(() => 90 - index - 1))).toEqual([
      60, 30, 23, 16, 9, 7, 6, 5,
    ]);
    expect(new Set(told.flat())).toEqual(
      new Set(['certificate-reminder p1/kafka-1 app -> mail admin@example.com']),
    );
    expect(await house.acknowledge(await house.find('app'))).toBe(true);
    expect((await pass(house, 20)).flat()).toEqual([]);
  });

  it('SU-N4: is repeated until the old certificate has ended, and never after that', async () => {
    const house = await startDue(await fresh(), ['app', []]);
    await house.addMember('admin');
    // A second before the time of the end, so that the last pass still comes before it.
    house.gateway.clock.advance(85 * day - 1);
    await house.pass();
    await takeAnnounced(house.gateway);
    const told = await pass(house, 20);
    expect(told.map((some) => some.length).slice(0, 6)).toEqual([1, 1, 1, 1, 1, 0]);
    expect(told.flat()).toHaveLength(5);
  });

  it('SU-N4: is repeated as EVERLEAF_REMINDERS says, and another value counts from the next day on', async () => {
    const settings = { EVERLEAF_REMINDERS: 'off' };
    const house = await startServiceHouse(await fresh(), { settings });
    await house.addService();
    await house.addUser('app');
    await house.addMember('admin');
    house.gateway.clock.advance(730 * day);
    await house.pass();
    expect(await takeAnnounced(house.gateway)).toHaveLength(1);
    expect((await pass(house, 61)).flat()).toEqual([]);

    const again = await house.gateway.restart({ EVERLEAF_REMINDERS: '4d from 20d' });
    const daysLeft: number[] = [];
    for (let left = 28; left >= 0; left -= 1) {
      again.clock.advance(day);
      await again.renewServiceUsers();
      if ((await takeAnnounced(again)).length > 0) daysLeft.push(left);
    }
    expect(daysLeft).toEqual([20, 16, 12, 8, 4]);
  });

  it('is one reminder after a time in which the gateway was away', async () => {
    const house = await startDue(await fresh(), ['app', []]);
    await house.addMember('admin');
    await house.pass();
    await takeAnnounced(house.gateway);
    house.gateway.clock.advance(70 * day);
    await house.pass();
    expect(await takeAnnounced(house.gateway)).toHaveLength(1);
    await house.pass();
    expect(await takeAnnounced(house.gateway)).toEqual([]);
  });

  it('SU-N5: names only users whose renewal is not acknowledged', async () => {
    const house = await startDue(await fresh(), ['app', []], ['web', []]);
    await house.addMember('admin');
    await house.pass();
    await takeAnnounced(house.gateway);
    await house.acknowledge(await house.find('app'));
    expect((await pass(house, 31)).flat()).toEqual([
      'certificate-reminder p1/kafka-1 web -> mail admin@example.com',
    ]);
  });

  it('SU-N6: goes to those who have the role or the address when it is due', async () => {
    const house = await startDue(await fresh(), ['app', []]);
    const { db } = house.gateway.database;
    const leaving = await house.addMember('admin', 'leaving@example.com');
    const disabled = await house.addMember('operator', 'disabled@example.com');
    await house.pass();
    expect(await takeAnnounced(house.gateway)).toHaveLength(2);

    await db
      .updateTable('project_members')
      .set({ role: 'developer' })
      .where('user_id', '=', leaving.id)
      .execute();
    await db
      .updateTable('users')
      .set({ state: 'disabled' })
      .where('id', '=', disabled.id)
      .execute();
    await house.addMember('operator', 'new@example.com');
    await house.changeService({ techEmails: ['team@example.com'] });
    await house.pass();
    expect(await takeAnnounced(house.gateway)).toEqual([]);
    expect((await pass(house, 31)).flat()).toEqual([
      'certificate-reminder p1/kafka-1 app -> mail new@example.com',
      'certificate-reminder p1/kafka-1 app -> mail team@example.com',
    ]);
  });

  it('SU-N7: is not repeated by a restart', async () => {
    const house = await startDue(await fresh(), ['app', []]);
    await house.addMember('admin');
    await house.pass();
    const again = await house.gateway.restart();
    await again.renewServiceUsers();
    expect(await takeAnnounced(again)).toHaveLength(1);
    again.clock.advance(31 * day);
    await again.renewServiceUsers();
    const once = await again.restart();
    await once.renewServiceUsers();
    expect(await takeAnnounced(once)).toHaveLength(1);
  });

  it('SU-N8: holds neither key nor password nor certificate', async () => {
    const house = await startDue(await fresh(), ['app', []]);
    await house.addMember('admin');
    await house.pass();
    const { id, pair, sealedPassword } = await house.find('app');
    const row = await house.gateway.database.db.selectFrom('outbox').selectAll().executeTakeFirst();
    const text = JSON.stringify(row);
    expect(text).toContain('app');
    for (const secret of [
      pair?.sealedKey ?? '',
      pair?.certificate ?? '',
      sealedPassword ?? '',
      house.secrets.openPassword(sealedPassword ?? '', id),
    ])
      expect(text).not.toContain(secret);
  });

  it('reaches the admins of the organisation where nobody else would hear, and says where nobody does', async () => {
    const house = await startDue(await fresh(), ['app', []]);
    await house.pass();
    expect(await takeAnnounced(house.gateway)).toEqual([
      'certificate-renewed p1/kafka-1 app -> mail root@example.com',
    ]);
    await house.gateway.database.db.updateTable('users').set({ state: 'disabled' }).execute();
    expect((await pass(house, 31)).flat()).toEqual([]);
    const told = house.gateway.logs.filter(({ message }) => message.includes('no recipients'));
    expect(told).toHaveLength(1);
  });

  it('waits while its service has no power, and is told once when it has it again', async () => {
    const house = await startDue(await fresh(), ['app', []]);
    await house.addMember('admin');
    await house.pass();
    await takeAnnounced(house.gateway);
    await house.changeService({ isPowered: false });
    expect((await pass(house, 60)).flat()).toEqual([]);
    await house.changeService({ isPowered: true });
    expect((await pass(house, 2)).flat()).toHaveLength(1);
  });

  it('SU-R10: one announcement for each service and recipient, however many pages there are of both', async () => {
    const house = await startServiceHouse(await fresh());
    await house.addMember('admin');
    const services = Array.from(
      { length: 52 },
      (_, index) => `s-${String(index).padStart(2, '0')}`,
    );
    for (const name of services) {
      await house.addService({ name });
      for (const user of ['a', 'b', 'c']) await house.addUser(user, { service: name });
    }
    house.gateway.clock.advance(730 * day);
    await house.pass();
    expect(await takeAnnounced(house.gateway)).toEqual(
      services.map((name) => `certificate-renewed p1/${name} a,b,c -> mail admin@example.com`),
    );
  });
});
