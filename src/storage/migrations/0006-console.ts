import { sql, type Kysely, type Migration } from 'kysely';
import type { ColumnKinds } from './column-kinds.js';

/** Sessions of browsers, what a person may do on the gateway itself, and the audit log by what it is asked for. */
export function console(columns: ColumnKinds): Migration {
  const { text, whole, strict } = columns;
  return {
    async up(db: Kysely<unknown>) {
      await strict(
        db.schema
          .createTable('sessions')
          .addColumn('session_sha256', text, (column) => column.primaryKey().notNull())
          .addColumn('user_id', text, (column) => column.notNull().references('users.id'))
          .addColumn('created_at', whole, (column) => column.notNull())
          .addColumn('last_seen_at', whole, (column) => column.notNull())
          .addColumn('expires_at', whole, (column) => column.notNull())
          .addColumn('ip', text, (column) => column.notNull())
          .addColumn('user_agent', text),
      ).execute();
      await sql`create index sessions_user on sessions (user_id)`.execute(db);
      await sql`create index sessions_expiry on sessions (expires_at)`.execute(db);
      for (const column of ['action', 'actor', 'holder'])
        await sql`create index ${sql.ref(`audit_events_${column}`)} on audit_events (${sql.ref(column)}, id)`.execute(
          db,
        );
      await sql`create index outbox_created on outbox (created_at, dedupe_key)`.execute(db);
      await sql`create index outbox_state on outbox (state, created_at, dedupe_key)`.execute(db);
      await db.schema.alterTable('users').addColumn('gateway_role', text).execute();
      await sql`
        update users set gateway_role = 'administrator' where id in (
          select user_id from organization_members where is_admin = 1 and organization_id = (
            select id from organizations order by created_at, id limit 1))`.execute(db);
    },
  };
}
