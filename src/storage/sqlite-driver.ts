import { setTimeout } from 'node:timers/promises';
import type BetterSqlite3 from 'better-sqlite3';
import {
  CompiledQuery,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type QueryResult,
} from 'kysely';
import { isTransient } from './database-errors.js';
import { makeFairLock } from './fair-lock.js';
import { makeStatementCache, type StatementCache } from './statement-cache.js';

/** More than the product has queries, so that only ad-hoc ones are ever prepared anew. */
const preparedStatements = 256;

/** How long a write waits for the lock of another process, such as the command line. */
const patience = { totalMs: 10_000, pauseMs: 20 };

const begin = CompiledQuery.raw('begin immediate');
const commit = CompiledQuery.raw('commit');
const rollback = CompiledQuery.raw('rollback');

/**
 * A Kysely dialect over two open connections, which it closes when Kysely is destroyed: one that writes, and one that
 * only reads, and so never sees what is not committed.
 */
export function sqliteDialect(connections: SqliteConnections): Dialect {
  const reading = makeStatementCache(connections.reader, preparedStatements);
  const writing = makeStatementCache(connections.writer, preparedStatements);
  return {
    createDriver: () => makeSqliteDriver(connections, writing),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => {
      const made = adapter();
      directExecutions.set(made, {
        // Only while something is uncommitted is another connection needed, whose cache each commit empties.
        read: (query) => (connections.writer.inTransaction ? reading : writing).execute(query),
        write: writing.execute,
      });
      return made;
    },
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}

/** The two connections to one file. */
export interface SqliteConnections {
  readonly writer: BetterSqlite3.Database;
  readonly reader: BetterSqlite3.Database;
}

/**
 * SQLite answers at once, so what is on the way of every request need not wait in Kysely's queue: `read` outside
 * transactions, `write` inside one, whose connection nobody else has.
 */
export interface DirectExecution {
  readonly read: StatementCache['execute'];
  readonly write: StatementCache['execute'];
}

/** By the adapter that stands for one open database. */
export const directExecutions = new WeakMap<DialectAdapter, DirectExecution>();

/**
 * The writing connection, handed out in order of arrival. A transaction begins IMMEDIATE: it takes the write lock before it
 * reads, so it never fails half-way because another process wrote in between.
 */
function makeSqliteDriver(
  { writer: sqlite, reader }: SqliteConnections,
  statements: StatementCache,
): Driver {
  const lock = makeFairLock();
  const connection = makeConnection(sqlite, statements);
  return {
    async init() {},
    async acquireConnection() {
      await lock.acquire();
      return connection;
    },
    async beginTransaction() {
      await connection.executeQuery(begin);
    },
    async commitTransaction() {
      await connection.executeQuery(commit);
    },
    async rollbackTransaction() {
      // A full disk or an input/output error has rolled back already (sqlite.org/lang_transaction.html).
      if (sqlite.inTransaction) await connection.executeQuery(rollback);
    },
    releaseConnection() {
      lock.release();
      return Promise.resolve();
    },
    async destroy() {
      await lock.acquire();
      reader.close();
      sqlite.close();
    },
  };
}

function makeConnection(
  sqlite: BetterSqlite3.Database,
  statements: StatementCache,
): DatabaseConnection {
  /** Outside a transaction a busy statement has done nothing: wait without blocking the event loop, try again. */
  async function executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const until = performance.now() + patience.totalMs;
    for (;;) {
      try {
        return statements.execute<Row>(query);
      } catch (error) {
        const isHopeless = sqlite.inTransaction || performance.now() >= until;
        if (isHopeless || !isTransient(error)) throw error;
      }
      await setTimeout(patience.pauseMs);
    }
  }

  return {
    executeQuery,
    streamQuery() {
      throw new Error('streaming would hold the only connection: page through the rows instead');
    },
  };
}

/** Unlike Kysely's own it runs migrations in a transaction, whose lock keeps two starting processes apart. */
function adapter(): DialectAdapter {
  return {
    supportsCreateIfNotExists: true,
    supportsTransactionalDdl: true,
    supportsReturning: true,
    supportsOutput: false,
    acquireMigrationLock: () => Promise.resolve(),
    releaseMigrationLock: () => Promise.resolve(),
  };
}
