import { afterEach, expect, it } from '@jest/globals';
import { openDatabase } from '../../src/storage/database.js';
import type { Database } from '../../src/storage/database.js';
import { makeLease } from '../../src/storage/leases.js';
import type { Lease } from '../../src/storage/leases.js';
import { describeOnEachDatabase } from '../support/databases.js';

const open: Database[] = [];

afterEach(async () => {
  for (const database of open.splice(0)) await database.close();
});

describeOnEachDatabase('a lease', (fresh) => {
  async function leases(count: number) {
    const database = await openDatabase((await fresh()).url);
    open.push(database);
    const time = { now: 1000 };
    const of = (name: string, holder: string): Lease =>
      makeLease({ db: database.db, name, holder, clock: () => time.now });
    return {
      time,
      of,
      held: Array.from({ length: count }, (_, index) => of('work', String(index))),
    };
  }

  it('is held by one of twenty that take it at once', async () => {
    const { held } = await leases(20);
    const taken = await Promise.all(held.map((lease) => lease.hold()));
    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  it('goes to another one half a minute after its holder was heard of', async () => {
    const { time, held } = await leases(2);
    const [one, other] = held;
    expect(await one?.hold()).toBe(true);
    time.now += 29;
    expect(await other?.hold()).toBe(false);
    time.now += 1;
    expect(await other?.hold()).toBe(true);
    expect(await one?.hold()).toBe(false);
  });

  it('is kept by a holder that goes on asking, for as long as it likes', async () => {
    const { time, held } = await leases(2);
    const [one, other] = held;
    for (let asked = 0; asked < 50; asked += 1) {
      expect(await one?.hold()).toBe(true);
      expect(await other?.hold()).toBe(false);
      time.now += 9;
    }
  });

  it('is free when it was given back, which only its holder can do', async () => {
    const { held } = await leases(2);
    const [one, other] = held;
    expect(await one?.hold()).toBe(true);
    await other?.release();
    expect(await other?.hold()).toBe(false);
    await one?.release();
    expect(await other?.hold()).toBe(true);
  });

  it('is another one under another name', async () => {
    const { of } = await leases(0);
    expect(await of('one', 'a').hold()).toBe(true);
    expect(await of('other', 'b').hold()).toBe(true);
  });
});
