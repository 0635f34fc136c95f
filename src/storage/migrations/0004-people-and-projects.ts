import { sql, type Kysely, type Migration } from 'kysely';
import type { ColumnKinds } from './column-kinds.js';

/**
 * People, organisations and groups; projects, their members, services and service users. Only new tables, and columns
 * that may be empty.
 */
export function peopleAndProjects(columns: ColumnKinds): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await createPeople(db, columns);
      await createOrganizations(db, columns);
      await createProjects(db, columns);
      await nameAuthoritiesByKey(db, columns);
      await createServices(db, columns);
      await createServiceUsers(db, columns);
      await createOutbox(db, columns);
    },
  };
}

async function createPeople(db: Kysely<unknown>, columns: ColumnKinds): Promise<void> {
  const { text, whole, strict } = columns;
  await strict(
    db.schema
      .createTable('users')
      .addColumn('id', text, (column) => column.primaryKey().notNull())
      .addColumn('email', text, (column) => column.notNull().unique())
      .addColumn('real_name', text, (column) => column.notNull())
      .addColumn('password_hash', text)
      .addColumn('openid_issuer', text)
      .addColumn('openid_subject', text)
      .addColumn('state', text, (column) => column.notNull())
      .addColumn('created_at', whole, (column) => column.notNull())
      .addColumn('token_validity_begin', whole, (column) => column.notNull())
      .addColumn('last_activity_at', whole),
  ).execute();
  await strict(
    db.schema
      .createTable('user_tokens')
      .addColumn('token_sha256', text, (column) => column.primaryKey().notNull())
      .addColumn('prefix', text, (column) => column.notNull().unique())
      .addColumn('user_id', text, (column) => column.notNull().references('users.id'))
      .addColumn('description', text, (column) => column.notNull())
      .addColumn('created_manually', whole, (column) => column.notNull())
      .addColumn('extend_when_used', whole, (column) => column.notNull())
      .addColumn('max_age_seconds', whole)
      .addColumn('expires_at', whole)
      .addColumn('created_at', whole, (column) => column.notNull())
      .addColumn('last_used_at', whole)
      .addColumn('last_ip', text)
      .addColumn('last_user_agent', text),
  ).execute();
  await sql`create index user_tokens_user on user_tokens (user_id)`.execute(db);
  await createOpenId(db, columns);
}

async function createOpenId(db: Kysely<unknown>, { text, whole, strict }: ColumnKinds) {
  await strict(
    db.schema
      .createTable('openid_used')
      .addColumn('id', text, (column) => column.primaryKey().notNull())
      .addColumn('kept_until', whole, (column) => column.notNull()),
  ).execute();
  for (const statement of [
    sql`create unique index users_openid on users (openid_issuer, openid_subject)`,
    sql`create index openid_used_kept_until on openid_used (kept_until)`,
  ])
    await statement.execute(db);
}

async function createOrganizations(db: Kysely<unknown>, columns: ColumnKinds): Promise<void> {
  const { text, whole, strict } = columns;
  await strict(
    db.schema
      .createTable('organizations')
      .addColumn('id', text, (column) => column.primaryKey().notNull())
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('created_at', whole, (column) => column.notNull())
      .addColumn('updated_at', whole, (column) => column.notNull()),
  ).execute();
  await strict(
    db.schema
      .createTable('organization_members')
      .addColumn('organization_id', text, (column) =>
        column.notNull().references('organizations.id'),
      )
      .addColumn('user_id', text, (column) => column.notNull().references('users.id'))
      .addColumn('is_admin', whole, (column) => column.notNull())
      .addColumn('joined_at', whole, (column) => column.notNull())
      .addPrimaryKeyConstraint('organization_members_key', ['organization_id', 'user_id'] as never),
  ).execute();
  await strict(
    db.schema
      .createTable('user_groups')
      .addColumn('id', text, (column) => column.primaryKey().notNull())
      .addColumn('organization_id', text, (column) =>
        column.notNull().references('organizations.id'),
      )
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('description', text, (column) => column.notNull())
      .addColumn('created_at', whole, (column) => column.notNull())
      .addColumn('updated_at', whole, (column) => column.notNull()),
  ).execute();
  await sql`create index organization_members_user on organization_members (user_id)`.execute(db);
  await sql`create unique index user_groups_name on user_groups (organization_id, name)`.execute(
    db,
  );
  await strict(
    db.schema
      .createTable('group_members')
      .addColumn('group_id', text, (column) => column.notNull().references('user_groups.id'))
      .addColumn('user_id', text, (column) => column.notNull().references('users.id'))
      .addColumn('joined_at', whole, (column) => column.notNull())
      .addPrimaryKeyConstraint('group_members_key', ['group_id', 'user_id'] as never),
  ).execute();
  await sql`create index group_members_user on group_members (user_id)`.execute(db);
}

async function createProjects(db: Kysely<unknown>, columns: ColumnKinds): Promise<void> {
  const { text, whole, strict } = columns;
  await strict(
    db.schema
      .createTable('projects')
      .addColumn('name', text, (column) => column.primaryKey().notNull())
      .addColumn('organization_id', text, (column) =>
        column.notNull().references('organizations.id'),
      )
      .addColumn('default_cloud', text, (column) => column.notNull())
      .addColumn('tech_emails', text, (column) => column.notNull())
      .addColumn('validity_seconds', whole)
      .addColumn('renew_before_seconds', whole)
      .addColumn('created_at', whole, (column) => column.notNull())
      .addColumn('updated_at', whole, (column) => column.notNull()),
  ).execute();
  await strict(
    db.schema
      .createTable('project_members')
      .addColumn('project', text, (column) => column.notNull().references('projects.name'))
      .addColumn('user_id', text, (column) => column.notNull().references('users.id'))
      .addColumn('role', text, (column) => column.notNull())
      .addColumn('joined_at', whole, (column) => column.notNull())
      .addPrimaryKeyConstraint('project_members_key', ['project', 'user_id'] as never),
  ).execute();
  await sql`create index authorities_purpose on authorities (purpose, created_at)`.execute(db);
  await sql`create index authorities_due on authorities (next_step_at) where next_step_at is not null`.execute(
    db,
  );
  await sql`create index projects_organization on projects (organization_id)`.execute(db);
  await sql`create index project_members_user on project_members (user_id)`.execute(db);
  await strict(
    db.schema
      .createTable('project_invitations')
      .addColumn('project', text, (column) => column.notNull().references('projects.name'))
      .addColumn('email', text, (column) => column.notNull())
      .addColumn('role', text, (column) => column.notNull())
      .addColumn('invited_by', text, (column) => column.notNull())
      .addColumn('invited_at', whole, (column) => column.notNull())
      .addPrimaryKeyConstraint('project_invitations_key', ['project', 'email'] as never),
  ).execute();
  await sql`create index project_invitations_email on project_invitations (email)`.execute(db);
  for (const name of ['project', 'service'])
    await db.schema.alterTable('audit_events').addColumn(name, text).execute();
  await sql`create index audit_events_project on audit_events (project, id) where project is not null`.execute(
    db,
  );
}

async function nameAuthoritiesByKey(db: Kysely<unknown>, { text }: ColumnKinds): Promise<void> {
  for (const name of ['key_sha1', 'key_sha256'])
    await db.schema.alterTable('authorities').addColumn(name, text).execute();
  await sql`create index authorities_key_sha1 on authorities (key_sha1) where key_sha1 is not null`.execute(
    db,
  );
  await sql`create index authorities_key_sha256 on authorities (key_sha256) where key_sha256 is not null`.execute(
    db,
  );
}

async function createServices(db: Kysely<unknown>, columns: ColumnKinds): Promise<void> {
  const { text, whole, strict } = columns;
  await strict(
    db.schema
      .createTable('services')
      .addColumn('project', text, (column) => column.notNull().references('projects.name'))
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('type', text, (column) => column.notNull())
      .addColumn('plan', text, (column) => column.notNull())
      .addColumn('cloud', text, (column) => column.notNull())
      .addColumn('is_powered', whole, (column) => column.notNull())
      .addColumn('host', text, (column) => column.notNull())
      .addColumn('port', whole, (column) => column.notNull())
      .addColumn('user_config', text, (column) => column.notNull())
      .addColumn('tech_emails', text, (column) => column.notNull())
      .addColumn('validity_seconds', whole)
      .addColumn('renew_before_seconds', whole)
      .addColumn('trust_update', whole, (column) => column.notNull())
      .addColumn('created_at', whole, (column) => column.notNull())
      .addColumn('updated_at', whole, (column) => column.notNull())
      .addPrimaryKeyConstraint('services_key', ['project', 'name'] as never),
  ).execute();
}

async function createServiceUsers(db: Kysely<unknown>, columns: ColumnKinds): Promise<void> {
  const { text, whole, strict } = columns;
  await strict(
    db.schema
      .createTable('service_users')
      .addColumn('id', text, (column) => column.primaryKey().notNull())
      .addColumn('project', text, (column) => column.notNull())
      .addColumn('service', text, (column) => column.notNull())
      .addColumn('username', text, (column) => column.notNull())
      .addColumn('type', text, (column) => column.notNull())
      .addColumn('sealed_password', text)
      .addColumn('password_updated_at', whole)
      .addColumn('access_control', text, (column) => column.notNull())
      .addColumn('authentication', text)
      .addColumn('certificate_sha256', text)
      .addColumn('certificate', text)
      .addColumn('sealed_key', text)
      .addColumn('not_after', whole)
      .addColumn('pending_id', text)
      .addColumn('old_certificate_sha256', text)
      .addColumn('old_not_after', whole)
      .addColumn('renewed_at', whole)
      .addColumn('reset_key', text)
      .addColumn('renewal_key', text)
      .addColumn('renewal_asked_at', whole)
      .addColumn('next_key', text)
      .addColumn('next_key_at', whole)
      .addColumn('announce_at', whole)
      .addColumn('recipients', text, (column) => column.notNull())
      .addColumn('is_self_service', whole, (column) => column.notNull().defaultTo(0))
      .addColumn('fetched_pending_id', text)
      .addColumn('created_at', whole, (column) => column.notNull())
      .addForeignKeyConstraint(
        'service_users_service',
        ['project', 'service'] as never,
        'services',
        ['project', 'name'] as never,
      ),
  ).execute();
  for (const statement of [
    sql`create unique index service_users_name on service_users (project, service, username)`,
    sql`create index service_users_due on service_users (not_after, id) where not_after is not null`,
    sql`create index service_users_asked on service_users (id) where renewal_asked_at is not null`,
    sql`create index service_users_pending on service_users (renewed_at) where pending_id is not null`,
    sql`create index service_users_end on service_users (project, not_after) where not_after is not null`,
    sql`create index service_users_old_end on service_users (project, old_not_after) where old_not_after is not null`,
    sql`create index service_users_ending on service_users (not_after, project, service) where not_after is not null`,
    sql`create index service_users_old_ending on service_users (old_not_after, project, service) where old_not_after is not null`,
    sql`create index service_users_announced on service_users (project, service, announce_at) where announce_at is not null`,
  ])
    await statement.execute(db);
}

async function createOutbox(db: Kysely<unknown>, columns: ColumnKinds): Promise<void> {
  const { text, whole, strict } = columns;
  await strict(
    db.schema
      .createTable('outbox')
      .addColumn('dedupe_key', text, (column) => column.primaryKey().notNull())
      .addColumn('channel', text, (column) => column.notNull())
      .addColumn('recipient', text, (column) => column.notNull())
      .addColumn('project', text, (column) => column.notNull())
      .addColumn('service', text, (column) => column.notNull())
      .addColumn('payload', text, (column) => column.notNull())
      .addColumn('state', text, (column) => column.notNull())
      .addColumn('attempts', whole, (column) => column.notNull())
      .addColumn('next_attempt_at', whole, (column) => column.notNull())
      .addColumn('created_at', whole, (column) => column.notNull())
      .addColumn('sent_at', whole)
      .addColumn('last_error', text),
  ).execute();
  await strict(
    db.schema
      .createTable('webhooks')
      .addColumn('id', text, (column) => column.primaryKey().notNull())
      .addColumn('project', text, (column) => column.notNull().references('projects.name'))
      .addColumn('url', text, (column) => column.notNull())
      .addColumn('sealed_secret', text, (column) => column.notNull())
      .addColumn('created_at', whole, (column) => column.notNull())
      .addColumn('created_by', text, (column) => column.notNull()),
  ).execute();
  await strict(
    db.schema
      .createTable('leases')
      .addColumn('name', text, (column) => column.primaryKey().notNull())
      .addColumn('holder', text, (column) => column.notNull())
      .addColumn('until', whole, (column) => column.notNull()),
  ).execute();
  for (const statement of [
    sql`create index outbox_waiting on outbox (next_attempt_at) where state = 'waiting'`,
    sql`create index outbox_project on outbox (project, created_at)`,
    sql`create index webhooks_project on webhooks (project)`,
  ])
    await statement.execute(db);
}
