import { sql } from 'kysely';
import type { Database } from '../../src/storage/database.js';

/** Tables whose rows go on record together. */
export type RefusedTable = 'certificates' | 'audit_events' | 'public_keys';

/** A trigger in the database that refuses rows; returns what takes it away again. */
export async function refuseInserts(
  { db, kind }: Database,
  table: RefusedTable,
  { atCommit = false } = {},
): Promise<() => Promise<unknown>> {
  const name = sql.table(table);
  if (kind === 'sqlite') {
    await sql`create trigger refusal before insert on ${name}
      begin select raise(abort, 'SECRET of the database'); end`.execute(db);
    return () => sql`drop trigger refusal`.execute(db);
  }
  await sql`create function refuse() returns trigger language plpgsql as
    $$ begin raise exception 'SECRET of the database'; end $$`.execute(db);
  const when = atCommit
    ? sql`create constraint trigger refusal after insert on ${name} deferrable initially deferred`
    : sql`create trigger refusal before insert on ${name}`;
  await sql`${when} for each row execute function refuse()`.execute(db);
  return () => sql`drop trigger refusal on ${name}`.execute(db);
}
