import { expect, it } from '@jest/globals';
import { sql, type Transaction } from 'kysely';
import { Failure } from '../../src/failure.js';
import { openDatabase, type Database } from '../../src/storage/database.js';
import { isUniqueViolation } from '../../src/storage/database-errors.js';
import { makeGroupCommit } from '../../src/storage/group-commit.js';
import type { Schema } from '../../src/storage/schema.js';
import { describeOnEachDatabase } from '../support/databases.js';

const writeSetting = async (trx: Transaction<Schema>, name: string): Promise<string> => {
  await trx.insertInto('settings').values({ name, value: '1' }).execute();
  return `wrote ${name}`;
};

async function names(database: Database): Promise<string[]> {
  const rows = await database.db.selectFrom('settings').select('name').orderBy('name').execute();
  return rows.map((row) => row.name);
}

/** Counts transactions; everything else is the real thing. */
function counted(database: Database): Pick<Database, 'transaction'> & { count: number } {
  const counting = {
    count: 0,
    transaction: <T>(work: (trx: Transaction<Schema>) => Promise<T>) => {
      counting.count += 1;
      return database.transaction(work);
    },
  };
  return counting;
}

describeOnEachDatabase('makeGroupCommit', (fresh) => {
  it('answers everyone of one turn after one shared commit', async () => {
    const database = await openDatabase((await fresh()).url);
    const transactions = counted(database);
    const group = makeGroupCommit({
      database: transactions,
      write: writeSetting,
      orderBy: (name) => name,
    });

    const answers = await Promise.all(['c', 'a', 'b'].map((name) => group.submit(name)));

    expect(answers).toEqual(['wrote c', 'wrote a', 'wrote b']);
    expect(await names(database)).toEqual(['a', 'b', 'c']);
    expect(transactions.count).toBe(1);
    await database.close();
  });

  it('writes in the order of the rows that it locks', async () => {
    const database = await openDatabase((await fresh()).url);
    const written: string[] = [];
    const group = makeGroupCommit<string, string>({
      database,
      write: async (trx, name) => {
        written.push(name);
        return await writeSetting(trx, name);
      },
      orderBy: (name) => name,
    });

    await Promise.all(['c', 'a', 'b'].map((name) => group.submit(name)));

    expect(written).toEqual(['a', 'b', 'c']);
    await database.close();
  });

  it('gathers what comes while it commits, at most maxBatch at once', async () => {
    const database = await openDatabase((await fresh()).url);
    const transactions = counted(database);
    const group = makeGroupCommit({
      database: transactions,
      write: writeSetting,
      orderBy: (name) => name,
      maxBatch: 4,
    });

    const all = Array.from({ length: 10 }, (_, index) => group.submit(`n${index}`));
    await Promise.all(all);

    expect(await names(database)).toHaveLength(10);
    expect(transactions.count).toBe(3);
    await database.close();
  });

  it('lets one failing item fail alone, with its own error', async () => {
    const database = await openDatabase((await fresh()).url);
    const refusal = new Failure('certificate-revoked', 'revoked meanwhile');
    const group = makeGroupCommit<string, string>({
      database,
      write: async (trx, name) => {
        const result = await writeSetting(trx, name);
        if (name === 'bad') throw refusal;
        return result;
      },
      orderBy: (name) => name,
    });

    const answers = await Promise.allSettled(['a', 'bad', 'z'].map((name) => group.submit(name)));

    expect(answers).toEqual([
      { status: 'fulfilled', value: 'wrote a' },
      { status: 'rejected', reason: refusal },
      { status: 'fulfilled', value: 'wrote z' },
    ]);
    expect(await names(database)).toEqual(['a', 'z']);
    await database.close();
  });

  it('tries a lone failing item once', async () => {
    const database = await openDatabase((await fresh()).url);
    const transactions = counted(database);
    const group = makeGroupCommit<string, string>({
      database: transactions,
      write: () => Promise.reject(new Failure('key-reused', 'no')),
      orderBy: (name) => name,
    });

    await expect(group.submit('a')).rejects.toThrow('no');

    expect(transactions.count).toBe(1);
    await database.close();
  });

  it('retries a lone item after a deadlock, but not for ever', async () => {
    const database = await openDatabase((await fresh()).url);
    let failures = 2;
    const group = makeGroupCommit<string, string>({
      database,
      write: async (trx, name) => {
        const result = await writeSetting(trx, name);
        if (failures-- > 0) throw Object.assign(new Error('deadlock'), { code: '40P01' });
        return result;
      },
      orderBy: (name) => name,
    });

    expect(await group.submit('a')).toBe('wrote a');
    failures = 1_000;
    await expect(group.submit('b')).rejects.toMatchObject({ code: '40P01' });

    expect(await names(database)).toEqual(['a']);
    await database.close();
  });

  it('tells everyone when the commit itself fails, and records nothing', async () => {
    const database = await openDatabase((await fresh()).url);
    await refuseAtCommit(database);
    const group = makeGroupCommit<string, string>({
      database,
      write: async (trx, name) => {
        const result = await writeSetting(trx, name);
        await sql`insert into children values ('nobody')`.execute(trx);
        return result;
      },
      orderBy: (name) => name,
    });

    const answers = await Promise.allSettled(['a', 'b', 'c'].map((name) => group.submit(name)));

    expect(answers.map((answer) => answer.status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await names(database)).toEqual([]);
    await database.close();
  });

  it('writes nothing twice when the connection is lost during the commit', async () => {
    const database = await openDatabase((await fresh()).url);
    const lost = Object.assign(new Error('lost'), { code: 'ECONNRESET' });
    const group = makeGroupCommit<string, string>({
      database: {
        async transaction(work) {
          await database.transaction(work);
          throw lost;
        },
      },
      write: writeSetting,
      orderBy: (name) => name,
    });

    const answers = await Promise.allSettled(['a', 'b'].map((name) => group.submit(name)));

    expect(answers).toEqual([
      { status: 'rejected', reason: lost },
      { status: 'rejected', reason: lost },
    ]);
    expect(await names(database)).toEqual(['a', 'b']);
    await database.close();
  });

  it('goes on after a fault', async () => {
    const database = await openDatabase((await fresh()).url);
    const group = makeGroupCommit({ database, write: writeSetting, orderBy: (name) => name });

    await group.submit('a');
    const refusal: unknown = await group.submit('a').catch((error: unknown) => error);

    expect(isUniqueViolation(refusal)).toBe(true);

    expect(await group.submit('b')).toBe('wrote b');
    await database.close();
  });
});

/** A deferred foreign key is checked by COMMIT alone, on both databases. */
async function refuseAtCommit({ db }: Database): Promise<void> {
  await sql`create table parents (id text primary key)`.execute(db);
  await sql`create table children (parent text references parents (id) deferrable initially deferred)`.execute(
    db,
  );
}
