import type { Kysely, Selectable } from 'kysely';
import type { Schema } from '../storage/schema.js';
import { outboxId } from './outbox-store.js';
import type { OutboxEntry } from './outbox.js';
import type { Channel, OutboxState } from './outbox-store.js';

/** An entry as operators see it. */
export interface OutboxSummary {
  readonly id: string;
  readonly kind: OutboxEntry['announcement']['kind'];
  readonly dedupeKey: string;
  readonly channel: Channel;
  readonly recipient: string;
  readonly project: string;
  readonly service: string;
  readonly state: OutboxState;
  readonly attempts: number;
  readonly nextAttemptAt: number;
  readonly createdAt: number;
  readonly sentAt: number | null;
  readonly lastError: string | null;
}

/** The outbox for who looks after it. */
export interface OutboxReview {
  /** The newest first; `before`: the last entry of the page before. */
  list(filter: {
    state: OutboxState | undefined;
    before?: Pick<OutboxSummary, 'createdAt' | 'dedupeKey'> | undefined;
    limit: number;
  }): Promise<OutboxSummary[]>;
  /** By the beginning of the id: those that are waiting or dead. */
  findUnsent(idPrefix: string): Promise<OutboxSummary[]>;
  /** Makes a dead entry due; false where it is not dead. */
  revive(dedupeKey: string, now: number, trx: Kysely<Schema>): Promise<boolean>;
}

/** The SQL of looking at the outbox. */
export function makeOutboxReview(db: Kysely<Schema>): OutboxReview {
  return {
    list: async ({ state, before, limit }) => {
      let query = db.selectFrom('outbox').select(summaryColumns);
      if (state !== undefined) query = query.where('state', '=', state);
      if (before)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('created_at', 'dedupe_key'), '<', tuple(before.createdAt, before.dedupeKey)),
        );
      const newest = query.orderBy('created_at', 'desc').orderBy('dedupe_key', 'desc');
      return (await newest.limit(limit).execute()).map(summaryOf);
    },
    findUnsent: async (idPrefix) => {
      const query = db.selectFrom('outbox').select(summaryColumns);
      const rows = await query.where('state', 'in', ['waiting', 'dead']).execute();
      return rows.map(summaryOf).filter(({ id }) => id.startsWith(idPrefix));
    },
    revive: async (dedupeKey, now, trx) => {
      const result = await trx
        .updateTable('outbox')
        .set({ state: 'waiting', attempts: 0, next_attempt_at: now })
        .where('dedupe_key', '=', dedupeKey)
        .where('state', '=', 'dead')
        .executeTakeFirstOrThrow();
      return result.numUpdatedRows === 1n;
    },
  };
}

const summaryColumns = [
  'dedupe_key',
  'channel',
  'recipient',
  'project',
  'service',
  'payload',
  'state',
  'attempts',
  'next_attempt_at',
  'created_at',
  'sent_at',
  'last_error',
] as const;

function summaryOf(
  row: Pick<Selectable<Schema['outbox']>, (typeof summaryColumns)[number]>,
): OutboxSummary {
  return {
    id: outboxId(row.dedupe_key),
    kind: (JSON.parse(row.payload) as OutboxEntry['announcement']).kind, // written by the outbox
    dedupeKey: row.dedupe_key,
    channel: row.channel,
    recipient: row.recipient,
    project: row.project,
    service: row.service,
    state: row.state,
    attempts: row.attempts,
    nextAttemptAt: row.next_attempt_at,
    createdAt: row.created_at,
    sentAt: row.sent_at,
    lastError: row.last_error,
  };
}
