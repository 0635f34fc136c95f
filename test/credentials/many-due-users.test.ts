import { expect, it } from '@jest/globals';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { describeOnEachDatabase } from '../support/databases.js';
import { addDueUsers, announced, startServiceHouse } from '../support/service-users.js';

const users = 10_000;
const mebibyte = 2 ** 20;

describeOnEachDatabase('ten thousand service users that are due at once', (fresh) => {
  it('SU-R10: are renewed by one pass in bounded memory and told of by one announcement', async () => {
    const house = await startServiceHouse(await fresh());
    await house.addService();
    await house.addMember('admin');
    await addDueUsers(house, users);
    const delay = monitorEventLoopDelay({ resolution: 20 });
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().heapUsed)), 50);
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    delay.enable();
    const begun = performance.now();

    await house.pass();

    console.log({
      s: (performance.now() - begun) / 1000,
      mib: (most - before) / mebibyte,
      p99: delay.percentile(99) / 1e6,
      max: delay.max / 1e6,
    });
    delay.disable();
    clearInterval(watch);
    const { db } = house.gateway.database;
    const { pending } = await db
      .selectFrom('service_users')
      .select(({ fn }) => fn.countAll<number>().as('pending'))
      .where('pending_id', 'is not', null)
      .executeTakeFirstOrThrow();
    expect(pending).toBe(users);
    const told = await announced(house.gateway);
    expect(told).toHaveLength(1);
    expect(told[0]?.split(',')).toHaveLength(users);
    expect((most - before) / mebibyte).toBeLessThan(150);
  }, 120_000);
});
