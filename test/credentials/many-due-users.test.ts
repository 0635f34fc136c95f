import { expect, it } from '@jest/globals';
import { announced } from '../support/announced.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { addDueUsers } from '../support/due-users.js';
import { startServiceHouse } from '../support/service-users.js';

const mebibyte = 2 ** 20;

describeOnEachDatabase('thousands of service users that are due at once', (fresh) => {
  it('SU-R10: are renewed by one pass in bounded memory and told of by one announcement', async () => {
    const database = await fresh();
    // Ten thousand where it is quick; the other database runs the same code.
    const users = database.url.startsWith('sqlite:') ? 10_000 : 2_000;
    const house = await startServiceHouse(database);
    await house.addService();
    await house.addMember('admin');
    await addDueUsers(house, users);
    const before = process.memoryUsage().heapUsed;
    let most = before;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().heapUsed);
    }, 20);

    await house.pass();
    clearInterval(watch);

    expect((most - before) / mebibyte).toBeLessThan(100);
    const { pending } = await house.gateway.database.db
      .selectFrom('service_users')
      .select(({ fn }) => fn.countAll<number>().as('pending'))
      .where('pending_id', 'is not', null)
      .executeTakeFirstOrThrow();
    expect(pending).toBe(users);
    const told = await announced(house.gateway);
    expect(told).toHaveLength(1);
    expect(told[0]?.split(',')).toHaveLength(users);
    expect(house.gateway.logs.filter(({ level }) => level === 'error')).toEqual([]);
  }, 120_000);
});
