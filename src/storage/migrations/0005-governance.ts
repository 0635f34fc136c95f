import { sql, type Kysely, type Migration } from 'kysely';
import type { ColumnKinds } from './column-kinds.js';

/** Accesses, each of one service user that a group owns, and the requests for new credentials of theirs. */
export function governance(columns: ColumnKinds): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await createAccesses(db, columns);
      await createRotationRequests(db, columns);
      await governServiceUsers(db, columns);
    },
  };
}

async function createAccesses(db: Kysely<unknown>, columns: ColumnKinds): Promise<void> {
  const { text, whole, strict } = columns;
  await strict(
    db.schema
      .createTable('accesses')
      .addColumn('id', text, (column) => column.primaryKey().notNull())
      .addColumn('organization_id', text, (column) =>
        column.notNull().references('organizations.id'),
      )
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('type', text, (column) => column.notNull())
      .addColumn('owner_group_id', text, (column) => column.notNull().references('user_groups.id'))
      .addColumn('service_user_id', text, (column) => column.notNull())
      .addColumn('project', text, (column) => column.notNull())
      .addColumn('service', text, (column) => column.notNull())
      .addColumn('username', text, (column) => column.notNull())
      .addColumn('acls', text, (column) => column.notNull())
      .addColumn('created_by', text, (column) => column.notNull())
      .addColumn('created_at', whole, (column) => column.notNull()),
  ).execute();
  await strict(
    db.schema
      .createTable('access_topics')
      .addColumn('topic', text, (column) => column.notNull())
      .addColumn('access_id', text, (column) => column.notNull().references('accesses.id'))
      .addPrimaryKeyConstraint('access_topics_key', ['topic', 'access_id']),
  ).execute();
  for (const statement of [
    sql`create index access_topics_access on access_topics (access_id)`,
    sql`create unique index accesses_service_user on accesses (service_user_id)`,
    sql`create index accesses_user on accesses (project, service, username)`,
    sql`create index accesses_organization on accesses (organization_id, created_at, id)`,
    sql`create index accesses_owner_group on accesses (owner_group_id, created_at, id)`,
  ])
    await statement.execute(db);
}

async function createRotationRequests(db: Kysely<unknown>, columns: ColumnKinds): Promise<void> {
  const { text, whole, strict } = columns;
  await strict(
    db.schema
      .createTable('rotation_requests')
      .addColumn('id', text, (column) => column.primaryKey().notNull())
      .addColumn('access_id', text, (column) => column.notNull().references('accesses.id'))
      .addColumn('requester_id', text, (column) => column.notNull())
      .addColumn('message', text, (column) => column.notNull())
      .addColumn('revoke_old', text, (column) => column.notNull())
      .addColumn('state', text, (column) => column.notNull())
      .addColumn('created_at', whole, (column) => column.notNull())
      .addColumn('lapses_at', whole, (column) => column.notNull())
      .addColumn('decided_by', text)
      .addColumn('decided_at', whole)
      .addColumn('decision', text)
      .addColumn('failure', text)
      .addColumn('credentials_state', text)
      .addColumn('credentials_lapse_at', whole)
      .addColumn('certificate_sha256', text)
      .addColumn('sealed_data_key', text)
      .addColumn('sealed_credentials', text)
      .addColumn('revealed_at', whole)
      .addColumn('revoke_old_at', whole)
      .addColumn('old_certificates', text),
  ).execute();
  for (const statement of [
    sql`create unique index rotation_requests_active on rotation_requests (access_id) where state in ('pending', 'provisioning')`,
    sql`create index rotation_requests_access on rotation_requests (access_id, created_at)`,
    sql`create index rotation_requests_newest on rotation_requests (created_at, id)`,
    sql`create index rotation_requests_lapsing on rotation_requests (lapses_at) where state = 'pending'`,
    sql`create index rotation_requests_unrevealed on rotation_requests (credentials_lapse_at) where credentials_state = 'waiting'`,
    sql`create index rotation_requests_revoking on rotation_requests (revoke_old_at) where revoke_old_at is not null`,
    sql`create index rotation_requests_requester on rotation_requests (requester_id, created_at)`,
  ])
    await statement.execute(db);
}

/** Which users of services are owned by an access, and whose present pair no route shows. */
async function governServiceUsers(
  db: Kysely<unknown>,
  { text, whole }: ColumnKinds,
): Promise<void> {
  await db.schema.alterTable('service_users').addColumn('access_id', text).execute();
  await db.schema
    .alterTable('service_users')
    .addColumn('is_withheld', whole, (column) => column.notNull().defaultTo(0))
    .execute();
}
