import { sql, type Kysely, type Migration } from 'kysely';
import type { ColumnKinds } from './column-kinds.js';

/**
 * Revocation lists without their entries, which the certificates have already, and an index that holds those entries
 * in their order. The first release goes on with its own table, whose numbers both releases count up.
 */
export function revocationLists({ text, whole, strict }: ColumnKinds): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await strict(
        db.schema
          .createTable('signed_revocation_lists')
          .addColumn('authority_id', text, (column) =>
            column.primaryKey().notNull().references('authorities.id'),
          )
          .addColumn('begun_number', whole, (column) => column.notNull())
          .addColumn('begun_at', whole, (column) => column.notNull())
          .addColumn('number', whole, (column) => column.notNull())
          .addColumn('this_update', whole, (column) => column.notNull())
          .addColumn('next_update', whole, (column) => column.notNull())
          .addColumn('previous_update', whole, (column) => column.notNull())
          .addColumn('signature', text, (column) => column.notNull()),
      ).execute();
      await sql`drop index certificates_revoked`.execute(db);
      await sql`
        create index certificates_revoked_entries
        on certificates (authority_id, serial, not_after, revoked_at, revocation_reason)
        where revoked_at is not null and origin = 'issued'`.execute(db);
    },
  };
}
