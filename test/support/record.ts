import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import type { Database } from '../../src/storage/database.js';
import type { Schema } from '../../src/storage/schema.js';
import type { TestGateway } from './gateway.js';

/** The certificates that replaced one, oldest first. */
export async function successorsOf(
  { database }: TestGateway,
  sha256: string,
): Promise<Selectable<Schema['certificates']>[]> {
  return database.db
    .selectFrom('certificates')
    .selectAll()
    .where('predecessor', '=', sha256)
    .orderBy('issued_at')
    .execute();
}

/** Every certificate of a kind on record. */
export async function recordedCertificates(
  { database }: TestGateway,
  kind = 'application',
): Promise<Selectable<Schema['certificates']>[]> {
  return database.db.selectFrom('certificates').selectAll().where('kind', '=', kind).execute();
}

/** Audit events of some actions, in the order in which they were put on record. */
export async function eventsOf(
  { database }: TestGateway,
  ...actions: readonly string[]
): Promise<Selectable<Schema['audit_events']>[]> {
  return database.db
    .selectFrom('audit_events')
    .selectAll()
    .where('action', 'in', actions)
    .orderBy('id')
    .execute();
}

/** How many rows every table holds: what a refusal must not change. */
export async function rowCounts({ database }: TestGateway): Promise<Record<string, number>> {
  const tables = ['certificates', 'public_keys', 'enrolment_tokens', 'audit_events'] as const;
  const counts: Record<string, number> = {};
  for (const table of tables) {
    const { rows } = await database.db
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as('rows'))
      .executeTakeFirstOrThrow();
    counts[table] = rows;
  }
  return counts;
}

/** Asks PostgreSQL until so many connections to the same database wait for a lock. */
export async function untilSomebodyWaits(
  { db }: Pick<Database, 'db'>,
  connections = 1,
): Promise<void> {
  for (;;) {
    const { rows } = await sql`
      select 1 from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
    if (rows.length >= connections) return;
  }
}
