import { expect, it } from '@jest/globals';
import { openDatabase } from '../../src/storage/database.js';
import { makeLease, makeLeaseStore } from '../../src/storage/leases.js';
import { describeOnEachDatabase } from '../support/databases.js';

describeOnEachDatabase('a lease', (fresh) => {
  /** The stores of two gateways. */
  async function open() {
    const { url } = await fresh();
    const databases = [await openDatabase(url), await openDatabase(url)] as const;
    const [first, second] = [makeLeaseStore(databases[0].db), makeLeaseStore(databases[1].db)];
    const close = () => Promise.all(databases.map((database) => database.close()));
    return { databases, first, second, close };
  }

  it('is held by one of many who take it at once', async () => {
    const { first, second, close } = await open();
    const takes = await Promise.all(
      Array.from({ length: 20 }, (_, turn) => {
        const lease = { name: 'pass', holder: `h${String(turn)}`, now: 100, until: 160 };
        return (turn % 2 === 0 ? first : second).take(lease);
      }),
    );
    expect(takes.filter(Boolean)).toHaveLength(1);
    expect(await first.take({ name: 'other', holder: 'x', now: 100, until: 160 })).toBe(true);
    await close();
  });

  it('falls to another when it has ended, not a second before', async () => {
    const { first, second, close } = await open();
    expect(await first.take({ name: 'pass', holder: 'a', now: 100, until: 160 })).toBe(true);
    expect(await first.take({ name: 'pass', holder: 'a', now: 100, until: 200 })).toBe(false);
    expect(await second.take({ name: 'pass', holder: 'b', now: 159, until: 220 })).toBe(false);
    const takes = await Promise.all(
      Array.from({ length: 10 }, (_, turn) =>
        second.take({ name: 'pass', holder: `b${String(turn)}`, now: 160, until: 220 }),
      ),
    );
    expect(takes.filter(Boolean)).toHaveLength(1);
    expect(await first.renew({ name: 'pass', holder: 'a', now: 160, until: 220 })).toBe(false);
    await close();
  });

  it('is prolonged by its holder alone, before its end', async () => {
    const { first, second, close } = await open();
    await first.take({ name: 'pass', holder: 'a', now: 100, until: 160 });
    expect(await second.renew({ name: 'pass', holder: 'b', now: 110, until: 170 })).toBe(false);
    expect(await first.renew({ name: 'pass', holder: 'a', now: 159, until: 219 })).toBe(true);
    expect(await second.take({ name: 'pass', holder: 'b', now: 218, until: 300 })).toBe(false);
    expect(await first.renew({ name: 'pass', holder: 'a', now: 219, until: 300 })).toBe(false);
    await close();
  });

  it('is held on as long as its holder asks, and falls to another half a minute after', async () => {
    const { databases, close } = await open();
    let now = 100;
    const [mine, other] = databases.map(({ db }, index) =>
      makeLease({ db, name: 'pass', holder: `h${String(index)}`, clock: () => now }),
    );
    for (; now < 300; now += 7) {
      expect(await mine?.hold()).toBe(true);
      expect(await other?.hold()).toBe(false);
    }
    const rows = await databases[0].db.selectFrom('leases').selectAll().execute();
    now = rows[0]?.until ?? 0;
    expect(await other?.hold()).toBe(true);
    expect(await mine?.hold()).toBe(false);
    await other?.release();
    expect(await mine?.hold()).toBe(true);
    await close();
  });

  it('is given back by its holder alone', async () => {
    const { first, second, close } = await open();
    await first.take({ name: 'pass', holder: 'a', now: 100, until: 160 });
    await second.release({ name: 'pass', holder: 'b' });
    expect(await second.take({ name: 'pass', holder: 'b', now: 101, until: 161 })).toBe(false);
    await first.release({ name: 'pass', holder: 'a' });
    expect(await second.take({ name: 'pass', holder: 'b', now: 101, until: 161 })).toBe(true);
    await close();
  });
});
