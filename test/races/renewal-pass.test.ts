import { expect, it } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import type { DueUser } from '../../src/credentials/due-user-store.js';
import { Failure } from '../../src/failure.js';
import { announced, namedIn } from '../support/announced.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { addDueUsers } from '../support/due-users.js';
import type { TestGateway } from '../support/gateway.js';
import { recordedCertificates, successorsOf } from '../support/record.js';
import { startReplicas } from '../support/replicas.js';
import { day, openServiceHouse, quickKeys } from '../support/service-users.js';
import type { ServiceHouse } from '../support/service-users.js';

const defaults = { validitySeconds: 820 * day, renewBeforeSeconds: 90 * day };

async function readDue({ gateway, dueUsers }: ServiceHouse): Promise<DueUser['user']> {
  const now = gateway.clock.now();
  const [due] = await dueUsers.findDue({ now, defaults, after: undefined, limit: 1 });
  if (!due) throw new Error('nobody is due');
  return due.user;
}

function kindOf(error: unknown): string {
  return error instanceof Failure ? error.kind : String(error);
}

/** Takes the lease away from the gateway that has it, which does not notice. */
async function stealLease({ database }: TestGateway): Promise<void> {
  for (;;) {
    const { numDeletedRows } = await database.db.deleteFrom('leases').executeTakeFirstOrThrow();
    if (numDeletedRows > 0n) return;
    await setImmediate();
  }
}

describeOnEachDatabase('renewals of service users at once', (fresh) => {
  it('SU-R4: of twenty renewals of one user one makes a pair', async () => {
    const [gateway] = await startReplicas((await fresh()).url, quickKeys);
    const house = await openServiceHouse(gateway);
    await house.addService();
    const { pair } = await house.addUser('app');
    gateway.clock.advance(730 * day);
    const user = await readDue(house);

    const ended = await Promise.allSettled(
      Array.from({ length: 20 }, () =>
        house.renew({ user, validitySeconds: 820 * day, actor: 'gateway' }),
      ),
    );

    const reasons = ended.map((end) => (end.status === 'fulfilled' ? 'made' : kindOf(end.reason)));
    expect(reasons.sort()).toEqual(['made', ...Array<string>(19).fill('state-conflict')]);
    const [successor, ...others] = await successorsOf(gateway, pair?.sha256 ?? '');
    expect((await house.find('app')).pair?.sha256).toBe(successor?.sha256);
    expect(others).toEqual([]);
  });

  it('SU-R4 SU-N7: two passes that both believe to hold the lease make and tell of each pair once', async () => {
    const [one, other] = await startReplicas((await fresh()).url, quickKeys);
    const house = await openServiceHouse(one);
    await house.addService();
    await house.addMember('admin');
    await addDueUsers(house, 300);

    const first = one.renewServiceUsers();
    await stealLease(one);
    await Promise.all([first, other.renewServiceUsers()]);

    const recorded = await recordedCertificates(one, 'service-user');
    const predecessors = recorded.flatMap(({ predecessor }) => predecessor ?? []);
    expect(predecessors).toHaveLength(300);
    expect(new Set(predecessors).size).toBe(300);
    const named = (await announced(one)).flatMap(namedIn);
    expect(named.sort()).toEqual(
      Array.from({ length: 300 }, (_, index) => `u-${String(index)}`).sort(),
    );
    for (const { logs } of [one, other])
      expect(logs.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('SU-R8: a user that is deleted while a pass runs is gone, whatever came first', async () => {
    const [gateway] = await startReplicas((await fresh()).url, quickKeys);
    const house = await openServiceHouse(gateway);
    await house.addService();
    await house.addMember('admin');
    await addDueUsers(house, 200);
    const { db } = gateway.database;

    const passed = gateway.renewServiceUsers();
    for (let index = 0; index < 200; index += 5) {
      await db
        .deleteFrom('service_users')
        .where('username', '=', `u-${String(index)}`)
        .execute();
      await setImmediate();
    }
    await passed;

    const left = await db.selectFrom('service_users').select(['username', 'pending_id']).execute();
    expect(left).toHaveLength(160);
    expect(left.filter(({ pending_id }) => pending_id === null)).toEqual([]);
    const named = new Set((await announced(gateway)).flatMap(namedIn));
    expect(left.filter(({ username }) => !named.has(username))).toEqual([]);
    expect(gateway.logs.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('SU-R10: a pass that is broken off by a stop goes on after it, and then tells once', async () => {
    const [gateway] = await startReplicas((await fresh()).url, quickKeys);
    const house = await openServiceHouse(gateway);
    await house.addService();
    await house.addMember('admin');
    await addDueUsers(house, 300);
    const pending = gateway.database.db
      .selectFrom('service_users')
      .select('id')
      .where('pending_id', 'is not', null);

    const passed = gateway.renewServiceUsers();
    while ((await pending.execute()).length === 0) await setImmediate();
    expect(await announced(gateway)).toEqual([]);
    const again = await gateway.restart();
    await passed;
    await again.renewServiceUsers();

    const [entry, ...others] = await announced(again);
    expect(namedIn(entry)).toHaveLength(300);
    expect(others).toEqual([]);
    expect(gateway.logs.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
