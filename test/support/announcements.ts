import { randomBytes } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Announcement, OutboxEntry } from '../../src/notifications/outbox.js';
import { outbox, outboxId } from '../../src/notifications/outbox-store.js';
import type { Schema } from '../../src/storage/schema.js';
import { addService } from '../credentials/service-row.js';
import type { TestGateway } from './gateway.js';

/** A project `p1` with the service `kafka-1`, for tests that need no members. */
export async function addProject({ database, clock }: TestGateway, name = 'p1'): Promise<void> {
  const now = clock.now();
  const id = `org${randomBytes(6).toString('hex').slice(1)}`;
  const times = { created_at: now, updated_at: now };
  await database.db
    .insertInto('organizations')
    .values({ id, name: 'Example', ...times })
    .execute();
  await database.db
    .insertInto('projects')
    .values({
      name,
      organization_id: id,
      default_cloud: '',
      tech_emails: '[]',
      validity_seconds: null,
      renew_before_seconds: null,
      ...times,
    })
    .execute();
}

/** Users of `p1`/`kafka-1` whose renewal is pending, and the announcement of it. */
export async function addPending(
  gateway: TestGateway,
  ...usernames: readonly string[]
): Promise<Announcement> {
  const { database, clock } = gateway;
  const project = 'p1';
  const there = await database.db.selectFrom('services').select('name').execute();
  if (there.length === 0) await addService(gateway, project);
  const users = usernames.map((username, index) => ({
    username,
    oldNotAfter: clock.now() + 90 * 86_400 + index,
    newNotAfter: clock.now() + 820 * 86_400 + index,
  }));
  await database.db
    .insertInto('service_users')
    .values(
      users.map(({ username, oldNotAfter, newNotAfter }) => ({
        id: `su${randomBytes(6).toString('hex')}`,
        project,
        service: 'kafka-1',
        username,
        type: 'normal' as const,
        sealed_password: 'SEALED-PASSWORD',
        password_updated_at: null,
        access_control: '{}',
        authentication: null,
        certificate_sha256: randomBytes(32).toString('hex'),
        certificate: 'CERTIFICATE',
        sealed_key: 'SEALED-KEY',
        not_after: newNotAfter,
        pending_id: randomBytes(8).toString('hex'),
        old_certificate_sha256: randomBytes(32).toString('hex'),
        old_not_after: oldNotAfter,
        renewed_at: clock.now(),
        recipients: '[]',
        created_at: clock.now(),
      })),
    )
    .execute();
  return { kind: 'certificate-renewed', project, service: 'kafka-1', users };
}

/** Somebody acknowledges the renewal of a user. */
export async function acknowledge({ database }: TestGateway, username: string): Promise<void> {
  await database.db
    .updateTable('service_users')
    .set({ pending_id: null, old_certificate_sha256: null, old_not_after: null, renewed_at: null })
    .where('username', '=', username)
    .execute();
}

/** Puts an announcement into the outbox for each recipient, keyed `KEY:RECIPIENT`. */
export async function announce(
  { database, clock }: TestGateway,
  announcement: Announcement,
  to: {
    readonly channel?: OutboxEntry['channel'];
    readonly recipients: readonly string[];
    readonly key?: string;
  },
): Promise<string[]> {
  const { channel = 'mail', recipients, key = 'slot' } = to;
  const entries = recipients.map((recipient) => ({
    dedupeKey: `${key}:${recipient}`,
    channel,
    recipient,
    announcement,
  }));
  await database.transaction((trx) => outbox.add(entries, clock.now(), trx));
  return entries.map(({ dedupeKey }) => outboxId(dedupeKey));
}

/** The rows of the outbox by their keys. */
export async function outboxOf({ database }: TestGateway): Promise<Selectable<Schema['outbox']>[]> {
  return database.db.selectFrom('outbox').selectAll().orderBy('dedupe_key').execute();
}
