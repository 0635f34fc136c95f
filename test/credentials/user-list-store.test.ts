import { expect, it } from '@jest/globals';
import { makeUserListStore } from '../../src/credentials/user-list-store.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { day, startServiceHouse } from '../support/service-users.js';

const service = { project: 'p1', service: 'kafka-1' };

describeOnEachDatabase('lists of service users', (fresh) => {
  it('are read by name, a page at a time, by a part of the name, with what was revoked', async () => {
    const house = await startServiceHouse(await fresh());
    await house.addService();
    await house.addService({ name: 'kafka-2' });
    for (const name of ['b_1', 'a-1', 'B%2', 'c-3']) await house.addUser(name);
    await house.addUser('a-2', { service: 'kafka-2' });
    const { database } = house.gateway;
    const lists = makeUserListStore(database.db);
    const names = async (part: string, after = '', limit = 9): Promise<string[]> => {
      const found = await lists.page({ ...service, part, after, limit });
      return found.map(({ user }) => user.username);
    };
    const [first = '', second = '', ...rest] = await names('');
    expect([first, second, ...rest].sort()).toEqual(['B%2', 'a-1', 'b_1', 'c-3']);
    expect(await names('', '', 2)).toEqual([first, second]);
    expect(await names('', second)).toEqual(rest);
    expect((await names('b')).sort()).toEqual(['B%2', 'b_1']);
    expect([await names('%'), await names('_'), await names('\\')]).toEqual([['B%2'], ['b_1'], []]);
    await database.db
      .updateTable('certificates')
      .set({ revoked_at: 1 })
      .where('holder', '=', 'p1/kafka-1/c-3')
      .execute();
    const listed = await lists.page({ ...service, part: '', after: '', limit: 9 });
    expect(listed.filter(({ isRevoked }) => isRevoked).map(({ user }) => user.username)).toEqual([
      'c-3',
    ]);
  });

  it('name whose renewal waits, the one that ends first before, and count them', async () => {
    const house = await startServiceHouse(await fresh());
    await house.addService();
    await house.addUser('late', { validitySeconds: 61 * day });
    await house.addUser('soon', { validitySeconds: 60 * day });
    await house.addUser('fine');
    const lists = makeUserListStore(house.gateway.database.db);
    const findExpiring = (limit: number) => lists.findExpiring(service, limit);
    expect(await findExpiring(5)).toEqual({ users: [], total: 0 });
    expect(await lists.countExpiring(['p1'])).toEqual(new Map());
    await house.pass();
    const { users, total } = await findExpiring(5);
    expect([users.map(({ username }) => username), total]).toEqual([['soon', 'late'], 2]);
    expect(await findExpiring(1)).toEqual({ users: users.slice(0, 1), total: 2 });
    expect(await lists.countByService('p1')).toEqual(
      new Map([['kafka-1', { users: 3, expiring: 2 }]]),
    );
    expect(await lists.countExpiring(['p1', 'p2'])).toEqual(new Map([['p1', 2]]));
    expect(await lists.countExpiring([])).toEqual(new Map());
    await house.acknowledge(await house.find('soon'));
    expect((await findExpiring(5)).total).toBe(1);
    expect(await lists.findPrimary(service)).toBeUndefined();
  });
});
