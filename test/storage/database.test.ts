import { describe, expect, it } from '@jest/globals';
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { openDatabase } from '../../src/storage/database.js';
import { StartFault } from '../../src/start-fault.js';
import {
  describeOnEachDatabase,
  describeOnPostgres,
  temporaryDirectories,
} from '../support/databases.js';

describeOnEachDatabase('openDatabase', (fresh) => {
  it('commits a transaction as a whole', async () => {
    const { url } = await fresh({ hasTables: false });
    const database = await openDatabase(url);
    await database.transaction(async (trx) => {
      await trx.insertInto('settings').values({ name: 'a', value: '1' }).execute();
      await trx.insertInto('settings').values({ name: 'b', value: '2' }).execute();
    });
    await database.close();

    const again = await openDatabase(url);
    const names = await again.db.selectFrom('settings').select('name').orderBy('name').execute();
    await again.close();

    expect(names).toEqual([{ name: 'a' }, { name: 'b' }]);
  });

  it('rolls a failed transaction back and passes its error on unchanged', async () => {
    const database = await openDatabase((await fresh({ hasTables: false })).url);
    const fault = new Error('in the middle');

    const work = database.transaction(async (trx) => {
      await trx.insertInto('settings').values({ name: 'a', value: '1' }).execute();
      throw fault;
    });

    await expect(work).rejects.toBe(fault);
    expect(await database.db.selectFrom('settings').selectAll().execute()).toEqual([]);
    await database.close();
  });

  it('keeps concurrent transactions apart', async () => {
    const database = await openDatabase((await fresh({ hasTables: false })).url);
    await database.db.insertInto('settings').values({ name: 'counter', value: 'x' }).execute();

    await Promise.all(
      Array.from({ length: 30 }, () =>
        database.transaction(async (trx) => {
          await sql`update settings set value = value || 'x' where name = 'counter'`.execute(trx);
        }),
      ),
    );

    const { value } = await database.db
      .selectFrom('settings')
      .select('value')
      .executeTakeFirstOrThrow();
    expect(value).toHaveLength(31);
    await database.close();
  });

  it('reads whole numbers as numbers, also beyond 2038', async () => {
    const database = await openDatabase((await fresh({ hasTables: false })).url);
    const at = 9_999_999_999;
    await database.db
      .insertInto('audit_events')
      .values({ at, level: 'info', action: 'a', actor: 'gateway', detail: '{}' })
      .execute();

    const event = await database.db.selectFrom('audit_events').selectAll().executeTakeFirst();

    expect(event).toMatchObject({ id: 1, at, holder: null });
    await database.close();
  });

  it('answers a ping until it is closed', async () => {
    const database = await openDatabase((await fresh({ hasTables: false })).url);

    await expect(database.ping()).resolves.toBeUndefined();
    await database.close();

    await expect(database.ping()).rejects.toThrow();
  });
});

describe('openDatabase on a file', () => {
  const directory = temporaryDirectories();

  it('makes the database, its log and its index readable for the owner only', async () => {
    const file = join(directory(), 'everleaf.db');
    const database = await openDatabase(`sqlite:${file}`);
    await database.db.insertInto('settings').values({ name: 'a', value: '1' }).execute();

    const modes = ['', '-wal', '-shm'].map((suffix) => statSync(file + suffix).mode & 0o777);

    expect(modes).toEqual([0o600, 0o600, 0o600]);
    await database.close();
  });

  it('takes a wider mode back', async () => {
    const file = join(directory(), 'everleaf.db');
    writeFileSync(file, '');
    chmodSync(file, 0o644);

    await (await openDatabase(`sqlite:${file}`)).close();

    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('makes every commit durable and erases what is deleted', async () => {
    const database = await openDatabase(`sqlite:${join(directory(), 'everleaf.db')}`);

    const settings = await Promise.all(
      ['journal_mode', 'synchronous', 'foreign_keys', 'secure_delete'].map(async (name) => {
        const { rows } = await sql<Record<string, unknown>>`pragma ${sql.raw(name)}`.execute(
          database.db,
        );
        return rows[0]?.[name];
      }),
    );

    expect(settings).toEqual(['wal', 2, 1, 1]);
    await database.close();
  });

  it('refuses a value of the wrong type as PostgreSQL does', async () => {
    const database = await openDatabase(`sqlite:${join(directory(), 'everleaf.db')}`);

    const wrong = sql`insert into public_keys (spki_sha256, kind, holder, compromised_at)
      values ('a', 'application', 'b', 'yesterday')`.execute(database.db);

    await expect(wrong).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_DATATYPE' });
    await database.close();
  });

  it.each([
    ['text', 'this is not a database, although it is long enough to be one'.repeat(40)],
    ['a few bytes', 'no'],
  ])('stops with one sentence when the file holds %s', async (_, content) => {
    const file = join(directory(), 'everleaf.db');
    writeFileSync(file, content);

    const opening = openDatabase(`sqlite:${file}`);

    await expect(opening).rejects.toBeInstanceOf(StartFault);
    await expect(opening).rejects.toThrow(file);
  });

  it('stops with one sentence when the directory is missing', async () => {
    const file = join(directory(), 'missing', 'everleaf.db');

    const opening = openDatabase(`sqlite:${file}`);

    await expect(opening).rejects.toBeInstanceOf(StartFault);
    await expect(opening).rejects.toThrow('no such file or directory');
  });

  it('stops with one sentence when a directory stands in its place', async () => {
    const file = join(directory(), 'everleaf.db');
    mkdirSync(file);

    await expect(openDatabase(`sqlite:${file}`)).rejects.toBeInstanceOf(StartFault);
  });

  // Root may write everywhere but to a pseudo file system.
  it('stops with one sentence when the directory cannot be written', async () => {
    const parent = directory();
    chmodSync(parent, 0o500);
    const unwritable = process.getuid?.() === 0 ? '/proc/self' : parent;

    const opening = openDatabase(`sqlite:${join(unwritable, 'everleaf.db')}`);

    await expect(opening).rejects.toBeInstanceOf(StartFault);
  });

  it('refuses an unknown kind of database', async () => {
    await expect(openDatabase('mysql://root:secret@localhost/x')).rejects.toThrow(
      'EVERLEAF_DATABASE_URL has to begin with sqlite: or postgres://',
    );
  });
});

describe('openDatabase on a server that is not there', () => {
  it('stops with one sentence that holds no password', async () => {
    const opening = openDatabase('postgres://user:hunter2@127.0.0.1:1/everleaf');

    await expect(opening).rejects.toBeInstanceOf(StartFault);
    await expect(opening).rejects.toThrow('EVERLEAF_DATABASE_URL');
    await expect(opening).rejects.not.toThrow('hunter2');
  });
});

describeOnPostgres('openDatabase on PostgreSQL', (fresh) => {
  it('outlives the loss of an idle and of a lent connection', async () => {
    const database = await openDatabase((await fresh({ hasTables: false })).url);

    const lost = database.transaction(async (trx) => {
      await sql`select pg_terminate_backend(pg_backend_pid())`.execute(trx);
    });

    await expect(lost).rejects.toMatchObject({ code: '57P01' });
    await expect(database.ping()).resolves.toBeUndefined();
    await database.close();
  });

  it('runs at READ COMMITTED whatever the server defaults to', async () => {
    const database = await openDatabase((await fresh({ hasTables: false })).url);

    const { rows } = await database.transaction((trx) =>
      sql<{ level: string }>`select current_setting('transaction_isolation') as level`.execute(trx),
    );

    expect(rows).toEqual([{ level: 'read committed' }]);
    await database.close();
  });
});
