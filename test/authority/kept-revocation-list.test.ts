import { describe, expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import { call, pair, startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { startReplicas } from '../support/replicas.js';
import {
  fetchList,
  listNumbers,
  listPath,
  readList,
  untilListIsKept,
} from '../support/revocation-list.js';

const day = 86_400;

async function revokeOne(gateway: TestGateway): Promise<void> {
  const holder = await pair(gateway);
  await call(gateway, 'post', '/v1/applications/certificates/revocations', holder).expect(201);
}

describe('a revocation list that nobody asks for', () => {
  it('is made at the start, after a revocation, and before it ends', async () => {
    const gateway = await startTestGateway();
    const first = await untilListIsKept(gateway, { since: gateway.clock.now() });

    await revokeOne(gateway);
    const second = await untilListIsKept(gateway, { since: gateway.clock.now() });
    expect(second).toBeGreaterThan(first);

    gateway.clock.advance(day / 2);
    const third = await untilListIsKept(gateway, { since: gateway.clock.now() });
    expect(third).toBeGreaterThan(second);
    expect(gateway.logs.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('is told of once a minute where it cannot be made', async () => {
    const gateway = await startTestGateway();
    await revokeOne(gateway);
    await gateway.database.db
      .updateTable('certificates')
      .set({ revocation_reason: 'whim' })
      .where('revoked_at', 'is not', null)
      .execute();
    await gateway.database.db
      .updateTable('revocation_lists')
      .set(({ eb }) => ({ number: eb('number', '+', 1) }))
      .execute();
    const path = await listPath(gateway);
    await expect(fetchList(gateway, path)).rejects.toThrow('500');
    gateway.clock.advance(60);

    const complaints = () =>
      gateway.logs.filter(
        ({ message }) => message === 'the revocation list could not be made anew',
      );
    while (complaints().length === 0) await fetchList(gateway, path).catch(() => undefined);

    expect(complaints()).toHaveLength(1);
    expect(complaints()[0]).toMatchObject({ level: 'error' });
  });
});

describeOnEachDatabase('the keepers of two replicas', (fresh) => {
  it('make one list for a revocation, which both then serve', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const [one, other] = replicas;
    const path = await listPath(one);
    await untilListIsKept(one, { since: one.clock.now() });
    for (let round = 0; round < 3; round += 1) {
      one.clock.advance(1);
      const before = await listNumbers(one);
      await revokeOne(one);
      const number = await untilListIsKept(one, { since: one.clock.now() });

      // One step for the revocation, and one for the one list that was begun.
      const begun = Math.max(Number(before?.current) + 2, one.clock.now());
      expect(number).toBe(begun);
      const lists = [await fetchList(one, path), await fetchList(other, path)];
      expect(lists[1]).toEqual(lists[0]);
      expect((await readList(one, lists[0] ?? Buffer.alloc(0))).number).toBe(number);
      expect(await listNumbers(other)).toMatchObject({ current: number, number });
    }
  });
});
