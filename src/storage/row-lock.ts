import { PostgresAdapter } from 'kysely';
import type { Kysely } from 'kysely';
import type { Schema } from './schema.js';

/**
 * A query that holds its rows until the transaction ends, so that what it found stays true. On SQLite a transaction
 * that writes holds the whole database from its begin on, and there is nothing to add.
 */
export function lockRows<Query extends { forUpdate(): Query }>(
  db: Kysely<Schema>,
  query: Query,
): Query {
  return db.getExecutor().adapter instanceof PostgresAdapter ? query.forUpdate() : query;
}

/** The same for rows that many may hold at once: only who changes or locks them has to wait. */
export function shareRows<Query extends { forShare(): Query }>(
  db: Kysely<Schema>,
  query: Query,
): Query {
  return db.getExecutor().adapter instanceof PostgresAdapter ? query.forShare() : query;
}
