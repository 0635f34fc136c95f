import { expect, it } from '@jest/globals';
import { makeReadHistory } from '../../src/connector/application-history.js';
import { makeApplicationStore } from '../../src/connector/application-store.js';
import type { ApplicationFilter } from '../../src/connector/application-store.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { holderFrom, pair, renew } from '../support/gateway.js';
import { startOn } from '../support/people.js';

const day = 86_400;

describeOnEachDatabase('the list of applications', (fresh) => {
  it('tells each by the last of its good certificates, page by page', async () => {
    const gateway = await startOn(await fresh());
    const { db } = gateway.database;
    const store = makeApplicationStore(db);
    for (const name of ['a', 'b', 'c', 'd', 'e']) await pair(gateway, name);
    const set = (values: object, holder: string) =>
      db.updateTable('certificates').set(values).where('holder', '=', holder).execute();
    const now = gateway.clock.now();
    await set({ not_after: now - 1 }, 'b');
    await set({ revoked_at: now, revocation_reason: 'superseded' }, 'c');
    await set({ not_after: now + 5 * day }, 'd');
    await set({ not_after: now + 7 * day }, 'e');
    const listed = async (page: { prefix?: string; state?: ApplicationFilter; after?: string }) => {
      const whole = { prefix: '', state: undefined, after: undefined, now, limit: 2, ...page };
      return (await store.list(whole)).map(({ holder, state }) => `${holder} ${state}`);
    };
    expect(await listed({})).toEqual(['a valid', 'b expired']);
    expect(await listed({ after: 'b' })).toEqual(['c revoked', 'd ends-soon']);
    expect(await listed({ prefix: 'd' })).toEqual(['d ends-soon']);
    for (const [state, name] of [
      ['valid', 'a'],
      ['expired', 'b'],
      ['revoked', 'c'],
    ] as const)
      expect(await listed({ state })).toEqual([`${name} ${state}`]);
    expect(await listed({ state: 'ends-soon' })).toEqual(['d ends-soon', 'e ends-soon']);
    expect(await listed({ state: 'ends-within-week' })).toEqual(['d ends-soon']);
  });

  it('reads the certificates of one with what befell them', async () => {
    const gateway = await startOn(await fresh());
    const first = await pair(gateway, 'a');
    const second = holderFrom((await renew(gateway, first)).body, first);
    await pair(gateway, 'ab');
    const { db } = gateway.database;
    const found = await makeReadHistory(db)('a', 10);
    const told = found.map(({ sha256, events }) => [sha256, ...events.map((one) => one.action)]);
    expect(new Map(told.map(([sha256, ...actions]) => [sha256, actions]))).toEqual(
      new Map([
        [first.sha256, ['certificate.enrolled']],
        [second.sha256, ['certificate.renewed']],
      ]),
    );
    const byDigits = await makeApplicationStore(db).findHolders(first.sha256.slice(0, 16), 5);
    expect(byDigits).toEqual([{ kind: 'application', holder: 'a', sha256: first.sha256 }]);
    const serial = found.find(({ sha256 }) => sha256 === second.sha256)?.serial ?? '';
    const bySerial = await makeApplicationStore(db).findHolders(serial.slice(0, 16), 5);
    expect(bySerial).toEqual([{ kind: 'application', holder: 'a', sha256: second.sha256 }]);
  });
});
