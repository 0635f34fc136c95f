import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import { StartFault } from '../start-fault.js';
import { messageOf } from './error-fields.js';
import { migrate } from './migrations.js';
import type { PostgresLimits } from './postgres-pool.js';
import type { Schema } from './schema.js';
import { sqliteDialect } from './sqlite-driver.js';
import { openSqliteFile } from './sqlite-file.js';

/** The record, wherever it lives. */
export interface Database {
  readonly kind: 'sqlite' | 'postgres';
  readonly db: Kysely<Schema>;
  /**
   * All of `work` is recorded, or nothing; the error of `work` comes through unchanged. On SQLite everybody else
   * waits meanwhile: await nothing in it but queries on `trx`.
   */
  transaction<T>(work: (trx: Transaction<Schema>) => Promise<T>): Promise<T>;
  /** Throws when the database does not answer. */
  ping(): Promise<void>;
  /**
   * Leaves nothing that was erased in the log beside an embedded database, unless another process reads in it just now.
   * PostgreSQL sees to its own files.
   */
  wipeErased(): Promise<void>;
  /** Lets what is under way finish. */
  close(): Promise<void>;
}

const serving: PostgresLimits = { connections: 10, statementMs: 10_000 };
/** Another replica's migration may take its time. */
const migrating: PostgresLimits = { connections: 2, statementMs: 0 };

/**
 * Opens `sqlite:PATH` or `postgres://...` and brings its tables up to date. Throws a StartFault that says what to
 * change.
 */
export async function openDatabase(url: string): Promise<Database> {
  if (url.startsWith('sqlite:')) return await openSqlite(url.slice('sqlite:'.length));
  if (/^postgres(?:ql)?:\/\//.test(url)) return await openPostgres(url);
  throw new StartFault('EVERLEAF_DATABASE_URL has to begin with sqlite: or postgres://');
}

async function openSqlite(path: string): Promise<Database> {
  const place = `The database file ${path}`;
  const db = await orStartFault(place, () => {
    const dialect = sqliteDialect(openSqliteFile(path));
    return Promise.resolve(new Kysely<Schema>({ dialect }));
  });
  await orStartFault(place, () => migrateOrDestroy(db, 'sqlite'));
  return makeDatabase('sqlite', db);
}

async function openPostgres(url: string): Promise<Database> {
  const place = 'The PostgreSQL database of EVERLEAF_DATABASE_URL';
  await orStartFault(place, async () => {
    const db = await connectPostgres(url, migrating);
    await migrateOrDestroy(db, 'postgres');
    await db.destroy();
  });
  return makeDatabase('postgres', await connectPostgres(url, serving));
}

/** The driver is only loaded where it is used: it takes memory that an embedded database has no use for. */
async function connectPostgres(url: string, limits: PostgresLimits): Promise<Kysely<Schema>> {
  const { makePostgresPool } = await import('./postgres-pool.js');
  return new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: makePostgresPool(url, limits) }),
  });
}

async function migrateOrDestroy(db: Kysely<Schema>, kind: Database['kind']): Promise<void> {
  try {
    await migrate(db, kind);
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

async function orStartFault<T>(place: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof StartFault) throw error;
    throw new StartFault(`${place} cannot be opened: ${messageOf(error)}`, { cause: error });
  }
}

function makeDatabase(kind: Database['kind'], db: Kysely<Schema>): Database {
  const transactions =
    kind === 'postgres' ? db.transaction().setIsolationLevel('read committed') : db.transaction();
  return {
    kind,
    db,
    async transaction(work) {
      // When the connection is lost, Kysely's rollback fails too and its error would hide the first one.
      let fault: { readonly error: unknown } | undefined;
      try {
        return await transactions.execute(async (trx) => {
          try {
            return await work(trx);
          } catch (error) {
            fault = { error };
            throw error;
          }
        });
      } catch (error) {
        throw fault === undefined ? error : fault.error;
      }
    },
    async ping() {
      await sql`select 1`.execute(db);
    },
    async wipeErased() {
      // Moved into the database, where secure_delete has zeroed what is gone, and cut to nothing (sqlite.org/wal.html).
      if (kind === 'sqlite') await sql`pragma wal_checkpoint(truncate)`.execute(db);
    },
    close: () => db.destroy(),
  };
}
