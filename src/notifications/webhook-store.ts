import type { Kysely, Selectable } from 'kysely';
import type { SealedPlace } from '../storage/sealing.js';
import type { Schema } from '../storage/schema.js';

/** A receiver of a project's announcements. Times in seconds UTC. */
export interface Webhook {
  readonly id: string;
  readonly project: string;
  /** May hold a secret of its receiver: for project admins, never for a log. */
  readonly url: string;
  readonly createdAt: number;
  readonly createdBy: string;
}

export interface WebhookStore {
  /** The oldest first. */
  list(project: string, executor?: Kysely<Schema>): Promise<Webhook[]>;
  find(id: string): Promise<(Webhook & { readonly sealedSecret: string }) | undefined>;
  insert(webhook: Webhook & { readonly sealedSecret: string }, trx: Kysely<Schema>): Promise<void>;
  /** Whether this call removed it. */
  remove(webhook: Pick<Webhook, 'project' | 'id'>, trx: Kysely<Schema>): Promise<boolean>;
}

/** Where the secret of a webhook is sealed. */
export function webhookSecretPlace(id: string): SealedPlace {
  return { table: 'webhooks', row: id, purpose: 'secret' };
}

/** The SQL of webhooks. */
export function makeWebhookStore(db: Kysely<Schema>): WebhookStore {
  return {
    list: async (project, executor = db) => {
      const query = executor.selectFrom('webhooks').selectAll().where('project', '=', project);
      return (await query.orderBy('created_at').orderBy('id').execute()).map(webhookOf);
    },
    find: async (id) => {
      const query = db.selectFrom('webhooks').selectAll().where('id', '=', id);
      const row = await query.executeTakeFirst();
      return row && { ...webhookOf(row), sealedSecret: row.sealed_secret };
    },
    insert: async ({ id, project, url, sealedSecret, createdAt, createdBy }, trx) => {
      await trx
        .insertInto('webhooks')
        .values({
          id,
          project,
          url,
          sealed_secret: sealedSecret,
          created_at: createdAt,
          created_by: createdBy,
        })
        .execute();
    },
    remove: async ({ project, id }, trx) => {
      const result = await trx
        .deleteFrom('webhooks')
        .where('id', '=', id)
        .where('project', '=', project)
        .executeTakeFirstOrThrow();
      return result.numDeletedRows === 1n;
    },
  };
}

function webhookOf(row: Selectable<Schema['webhooks']>): Webhook {
  return {
    id: row.id,
    project: row.project,
    url: row.url,
    createdAt: row.created_at,
    createdBy: row.created_by,
  };
}
