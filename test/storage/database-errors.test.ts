import { describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { openDatabase } from '../../src/storage/database.js';
import {
  isTransient,
  isUnavailable,
  isUniqueViolation,
} from '../../src/storage/database-errors.js';
import {
  describeOnEachDatabase,
  describeOnPostgres,
  temporaryDirectories,
} from '../support/databases.js';

const classes = (error: unknown) => ({
  unique: isUniqueViolation(error),
  transient: isTransient(error),
  unavailable: isUnavailable(error),
});
const none = { unique: false, transient: false, unavailable: false };
const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describeOnEachDatabase('database errors', (fresh) => {
  it('tell a row that is there already from a fault of the query', async () => {
    const database = await openDatabase((await fresh()).url);
    const insert = () =>
      database.db.insertInto('settings').values({ name: 'a', value: '1' }).execute();
    await insert();

    const twice = await thrownBy(insert());
    const wrong = await thrownBy(sql`select nothing from nowhere`.execute(database.db));

    expect(classes(twice)).toEqual({ ...none, unique: true });
    expect(classes(wrong)).toEqual(none);
    await database.close();
  });

  it('name a read-only database as unavailable', async () => {
    const database = await openDatabase((await fresh()).url);

    const error = await thrownBy(
      database.transaction(async (trx) => {
        await trx.insertInto('settings').values({ name: 'a', value: '1' }).execute();
        if (database.kind === 'postgres') await sql`set transaction read only`.execute(trx);
        else await sql`pragma query_only = on`.execute(trx);
        await trx.insertInto('settings').values({ name: 'b', value: '1' }).execute();
      }),
    );

    expect(classes(error)).toEqual({ ...none, unavailable: true });
    await database.close();
  });
});

describe('database errors of SQLite', () => {
  const directory = temporaryDirectories();

  it('name a full disk as unavailable, and the rest goes on when there is room', async () => {
    const database = await openDatabase(`sqlite:${directory()}/everleaf.db`);
    const fill = () =>
      database.transaction(async (trx) => {
        await trx
          .insertInto('settings')
          .values({ name: 'a', value: 'x'.repeat(1e6) })
          .execute();
      });
    await sql`pragma max_page_count = 60`.execute(database.db);

    const error = await thrownBy(fill());
    await sql`pragma max_page_count = 6000`.execute(database.db);

    expect(classes(error)).toEqual({ ...none, unavailable: true });
    await expect(fill()).resolves.toBeUndefined();
    await database.close();
  });
});

describeOnPostgres('database errors of PostgreSQL', (fresh) => {
  it('name a deadlock as transient', async () => {
    const database = await openDatabase((await fresh()).url);
    const touch = (first: string, second: string, met: Promise<void>, arrive: () => void) =>
      database.transaction(async (trx) => {
        const lock = (name: string) =>
          trx.updateTable('settings').set({ value: '2' }).where('name', '=', name).execute();
        await lock(first);
        arrive();
        await met;
        await lock(second);
      });
    const rows = ['a', 'b'].map((name) => ({ name, value: '1' }));
    await database.db.insertInto('settings').values(rows).execute();
    const { met, arrive } = meetingOf(2);

    const errors = await Promise.all([
      thrownBy(touch('a', 'b', met, arrive)),
      thrownBy(touch('b', 'a', met, arrive)),
    ]);

    const victims = errors.filter((error) => error !== undefined);
    expect(victims.map(classes)).toEqual([{ ...none, transient: true }]);
    await database.close();
  });

  it('name a lost connection as unavailable', async () => {
    const { url } = await fresh();
    const database = await openDatabase(url);

    const first = await thrownBy(
      database.transaction(async (trx) => {
        await thrownBy(sql`select pg_terminate_backend(pg_backend_pid())`.execute(trx));
        await sql`select 1`.execute(trx);
      }),
    );

    expect(classes(first)).toEqual({ ...none, unavailable: true });
    await database.close();
  });
});

describe('database errors without a database', () => {
  it.each([
    ['a refused connection', { code: 'ECONNREFUSED' }],
    ['a full disk of PostgreSQL', { code: '53100' }],
    ['too many connections', { code: '53300' }],
    ['a lost connection', new Error('Connection terminated unexpectedly')],
    ['an exhausted pool', new Error('timeout exceeded when trying to connect')],
    ['a failing disk under SQLite', { code: 'SQLITE_IOERR_FSYNC' }],
  ])('name %s as unavailable', (_, error) => {
    expect(classes(error)).toEqual({ ...none, unavailable: true });
  });

  it.each([[{ code: 'SQLITE_BUSY' }], [{ code: 'SQLITE_BUSY_SNAPSHOT' }], [{ code: '40001' }]])(
    'name %j as transient',
    (error) => {
      expect(classes(error)).toEqual({ ...none, transient: true });
    },
  );

  it.each([[undefined], [null], ['SQLITE_BUSY'], [{ code: 5 }], [new Error('other')]])(
    'say nothing about %p',
    (error) => {
      expect(classes(error)).toEqual(none);
    },
  );
});

function meetingOf(people: number): { met: Promise<void>; arrive: () => void } {
  let missing = people;
  let open: () => void = () => undefined;
  const met = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    met,
    arrive: () => {
      missing -= 1;
      if (missing === 0) open();
    },
  };
}
