import { sql, type Kysely, type Migration } from 'kysely';
import type { ColumnKinds } from './column-kinds.js';

/**
 * What a roll-over of authorities, renewal hints, recovery and tenants need. Only columns that may be empty are added,
 * so the first release still reads and writes what is there.
 */
export function rollOver({ text, whole }: ColumnKinds): Migration {
  const added = {
    authorities: [
      ['state_since', whole],
      ['next_step_at', whole],
      ['hinted_at', whole],
      ['revoked_at', whole],
      ['revocation_reason', text],
    ],
    certificates: [['hinted_at', whole]],
    enrolment_tokens: [
      ['tenant', text],
      ['tenant_group', text],
      ['predecessor', text],
    ],
  } as const;
  return {
    async up(db: Kysely<unknown>) {
      for (const [table, columns] of Object.entries(added)) {
        for (const [name, kind] of columns)
          await db.schema.alterTable(table).addColumn(name, kind).execute();
      }
      await sql`update authorities set state_since = created_at`.execute(db);
      await sql`create unique index authorities_prepared on authorities (purpose) where state = 'prepared'`.execute(
        db,
      );
    },
  };
}
