import { sql, type Kysely, type Migration } from 'kysely';

/** Lists of applications and counts of what ends, answered from an index alone; none more is written by a renewal. */
export function applicationLists(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      for (const statement of [
        sql`drop index certificates_holder`,
        sql`create index certificates_holder on certificates (holder, kind, not_after, revoked_at, authority_id)`,
        sql`create index certificates_serial_adopted on certificates (serial) where origin = 'adopted'`,
        sql`create index enrolment_tokens_application on enrolment_tokens (application, expires_at)`,
      ])
        await statement.execute(db);
    },
  };
}
