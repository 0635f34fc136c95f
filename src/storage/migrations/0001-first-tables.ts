import { sql, type Kysely, type Migration, type RawBuilder } from 'kysely';
import type { ColumnKinds } from './column-kinds.js';

/** Every table of the first release. */
export function firstTables(columns: ColumnKinds): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await createSettings(db, columns);
      await createAuthorities(db, columns);
      await createCertificates(db, columns);
      await createDeniedCertificates(db, columns);
      await createTokens(db, columns);
      await createAuditEvents(db, columns);
    },
  };
}

async function createSettings(db: Kysely<unknown>, { text, strict }: ColumnKinds): Promise<void> {
  await strict(
    db.schema
      .createTable('settings')
      .addColumn('name', text, (column) => column.primaryKey().notNull())
      .addColumn('value', text, (column) => column.notNull()),
  ).execute();
}

async function createAuthorities(db: Kysely<unknown>, columns: ColumnKinds): Promise<void> {
  const { text, whole, strict } = columns;
  await strict(
    db.schema
      .createTable('authorities')
      .addColumn('id', text, (column) => column.primaryKey().notNull())
      .addColumn('purpose', text, (column) => column.notNull())
      .addColumn('state', text, (column) => column.notNull())
      .addColumn('certificate', text, (column) => column.notNull())
      .addColumn('chain', text, (column) => column.notNull())
      .addColumn('sealed_key', text)
      .addColumn('created_at', whole, (column) => column.notNull()),
  ).execute();
  await createIndexes(db, [
    sql`create unique index authorities_active on authorities (purpose) where state = 'active'`,
  ]);
  await strict(
    db.schema
      .createTable('revocation_lists')
      .addColumn('authority_id', text, (column) =>
        column.primaryKey().notNull().references('authorities.id'),
      )
      .addColumn('number', whole, (column) => column.notNull())
      .addColumn('this_update', whole, (column) => column.notNull())
      .addColumn('next_update', whole, (column) => column.notNull())
      .addColumn('der', text, (column) => column.notNull()),
  ).execute();
}

/**
 * No foreign keys on the way of a renewal. `predecessor`: the same transaction holds that row.
 * `authority_id`: PostgreSQL would lock the one authority's row for every certificate, and a roll-over, which changes
 * that row, would wait for them all. `public_keys` outlives the certificates that use it.
 */
async function createCertificates(db: Kysely<unknown>, columns: ColumnKinds): Promise<void> {
  const { text, whole, strict, keyed } = columns;
  await strict(
    db.schema
      .createTable('certificates')
      .addColumn('sha256', text, (column) => column.primaryKey().notNull())
      .addColumn('authority_id', text, (column) => column.notNull())
      .addColumn('serial', text, (column) => column.notNull())
      .addColumn('origin', text, (column) => column.notNull())
      .addColumn('kind', text, (column) => column.notNull())
      .addColumn('holder', text, (column) => column.notNull())
      .addColumn('subject', text, (column) => column.notNull())
      .addColumn('spki_sha256', text, (column) => column.notNull())
      .addColumn('not_before', whole, (column) => column.notNull())
      .addColumn('not_after', whole, (column) => column.notNull())
      .addColumn('issued_at', whole, (column) => column.notNull())
      .addColumn('predecessor', text)
      .addColumn('line', text, (column) => column.notNull())
      .addColumn('replay_key', text)
      .addColumn('replay_until', whole)
      .addColumn('revoked_at', whole)
      .addColumn('revocation_reason', text)
      .addColumn('der', text, (column) => column.notNull()),
  ).execute();
  await createIndexes(db, [
    sql`create unique index certificates_serial on certificates (authority_id, serial) where origin = 'issued'`,
    sql`create unique index certificates_replay_key on certificates (replay_key) where replay_key is not null`,
    sql`create index certificates_holder on certificates (holder, kind)`,
    sql`create index certificates_not_after on certificates (not_after)`,
    sql`create index certificates_revoked on certificates (authority_id, revoked_at) where revoked_at is not null`,
  ]);
  await keyed(
    db.schema
      .createTable('public_keys')
      .addColumn('spki_sha256', text, (column) => column.primaryKey().notNull())
      .addColumn('kind', text, (column) => column.notNull())
      .addColumn('holder', text, (column) => column.notNull())
      .addColumn('compromised_at', whole),
  ).execute();
}

async function createDeniedCertificates(db: Kysely<unknown>, columns: ColumnKinds): Promise<void> {
  const { text, whole, strict } = columns;
  await strict(
    db.schema
      .createTable('denied_certificates')
      .addColumn('sha256', text, (column) => column.primaryKey().notNull())
      .addColumn('reason', text, (column) => column.notNull())
      .addColumn('denied_at', whole, (column) => column.notNull()),
  ).execute();
}

async function createTokens(db: Kysely<unknown>, columns: ColumnKinds): Promise<void> {
  const { text, whole, strict } = columns;
  await strict(
    db.schema
      .createTable('enrolment_tokens')
      .addColumn('token_sha256', text, (column) => column.primaryKey().notNull())
      .addColumn('id', text, (column) => column.notNull())
      .addColumn('purpose', text, (column) => column.notNull())
      .addColumn('kind', text, (column) => column.notNull())
      .addColumn('application', text, (column) => column.notNull())
      .addColumn('created_at', whole, (column) => column.notNull())
      .addColumn('created_by', text, (column) => column.notNull())
      .addColumn('expires_at', whole, (column) => column.notNull())
      .addColumn('used_at', whole)
      .addColumn('withdrawn_at', whole),
  ).execute();
  await createIndexes(db, [
    sql`create index enrolment_tokens_id on enrolment_tokens (id)`,
    sql`create index enrolment_tokens_expires_at on enrolment_tokens (expires_at)`,
  ]);
  await strict(
    db.schema
      .createTable('access_tokens')
      .addColumn('token_sha256', text, (column) => column.primaryKey().notNull())
      .addColumn('id', text, (column) => column.notNull())
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('role', text, (column) => column.notNull())
      .addColumn('created_at', whole, (column) => column.notNull())
      .addColumn('expires_at', whole)
      .addColumn('last_used_at', whole)
      .addColumn('withdrawn_at', whole),
  ).execute();
  await createIndexes(db, [sql`create index access_tokens_id on access_tokens (id)`]);
}

/** No foreign keys: an event outlives what it tells of. One index, since every renewal writes here. */
async function createAuditEvents(db: Kysely<unknown>, columns: ColumnKinds): Promise<void> {
  const { text, whole, counter, strict } = columns;
  await strict(
    db.schema
      .createTable('audit_events')
      .addColumn('id', counter)
      .addColumn('at', whole, (column) => column.notNull())
      .addColumn('level', text, (column) => column.notNull())
      .addColumn('action', text, (column) => column.notNull())
      .addColumn('actor', text, (column) => column.notNull())
      .addColumn('holder', text)
      .addColumn('certificate', text)
      .addColumn('request_id', text)
      .addColumn('detail', text, (column) => column.notNull()),
  ).execute();
  await createIndexes(db, [sql`create index audit_events_at on audit_events (at)`]);
}

async function createIndexes(
  db: Kysely<unknown>,
  statements: readonly RawBuilder<unknown>[],
): Promise<void> {
  for (const statement of statements) await statement.execute(db);
}
