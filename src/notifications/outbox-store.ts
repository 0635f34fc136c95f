import { hash } from 'node:crypto';
import type { Kysely, Selectable } from 'kysely';
import type { Schema } from '../storage/schema.js';
import { slicesOf } from '../storage/slices.js';
import { claimSeconds } from './delivery-policy.js';
import type { NextTry } from './delivery-policy.js';
import type { Outbox, OutboxEntry } from './outbox.js';

export type Channel = OutboxEntry['channel'];
export type OutboxState = Schema['outbox']['state'];

/** What names one attempt: the entry, and how often it had been tried. */
export interface Attempt {
  readonly dedupeKey: string;
  readonly attempts: number;
}

/** An entry that this sender alone may send now. Times in seconds UTC. */
export interface ClaimedEntry extends Attempt, Omit<OutboxEntry, 'dedupeKey'> {
  readonly createdAt: number;
}

/** For those who deliver. */
export interface OutboxStore {
  /** Those of a channel that should leave now, the longest due first. */
  due(channel: Channel, page: { now: number; limit: number }): Promise<Attempt[]>;
  /** Counts one attempt more. Undefined where another sender was first; of several one gets the entry. */
  claim(seen: Attempt, now: number): Promise<ClaimedEntry | undefined>;
  /** False, as below, where the claim has lapsed and another sender has the entry. */
  markSent(attempt: Attempt, now: number): Promise<boolean>;
  /** `error` is shown to operators: no secret, no address of a webhook. */
  markFailed(attempt: Attempt, next: NextTry, error: string): Promise<boolean>;
  /** What it tells of is over. */
  markWithdrawn(attempt: Attempt): Promise<boolean>;
}

/** A name of an entry that says nothing about it: in `webhook-id`, `Message-ID` and the command line. */
export function outboxId(dedupeKey: string): string {
  return hash('sha256', dedupeKey).slice(0, 32);
}

/** The SQL of the outbox. The number of attempts tells one claim from the next, so a late sender changes nothing. */
export function makeOutboxStore(db: Kysely<Schema>): OutboxStore {
  const mark = async (
    { dedupeKey, attempts }: Attempt,
    change: Partial<Schema['outbox']>,
  ): Promise<boolean> => {
    const result = await db
      .updateTable('outbox')
      .set(change)
      .where('dedupe_key', '=', dedupeKey)
      .where('state', '=', 'waiting')
      .where('attempts', '=', attempts)
      .executeTakeFirstOrThrow();
    return result.numUpdatedRows === 1n;
  };
  return {
    due: async (channel, { now, limit }) => {
      const rows = await db
        .selectFrom('outbox')
        .select(['dedupe_key', 'attempts'])
        .where('state', '=', 'waiting')
        .where('next_attempt_at', '<=', now)
        .where('channel', '=', channel)
        .orderBy('next_attempt_at')
        .limit(limit)
        .execute();
      return rows.map(({ dedupe_key, attempts }) => ({ dedupeKey: dedupe_key, attempts }));
    },
    claim: async ({ dedupeKey, attempts }, now) => {
      const row = await db
        .updateTable('outbox')
        .set({ attempts: attempts + 1, next_attempt_at: now + claimSeconds })
        .where('dedupe_key', '=', dedupeKey)
        .where('state', '=', 'waiting')
        .where('attempts', '=', attempts)
        .where('next_attempt_at', '<=', now)
        .returningAll()
        .executeTakeFirst();
      return row && claimedEntry(row);
    },
    markSent: (attempt, now) => mark(attempt, { state: 'sent', sent_at: now, last_error: null }),
    markFailed: (attempt, { state, at }, error) =>
      mark(attempt, { state, next_attempt_at: at, last_error: error }),
    markWithdrawn: (attempt) => mark(attempt, { state: 'withdrawn' }),
  };
}

/** For those who announce: works in their transaction alone. */
export const outbox: Outbox = { add };

async function add(...[entries, now, trx]: Parameters<Outbox['add']>): Promise<void> {
  for (const slice of slicesOf(entries)) {
    await trx
      .insertInto('outbox')
      .values(
        slice.map(({ dedupeKey, channel, recipient, announcement }) => ({
          dedupe_key: dedupeKey,
          channel,
          recipient,
          project: announcement.project,
          service: announcement.service,
          payload: JSON.stringify(announcement),
          state: 'waiting' as const,
          attempts: 0,
          next_attempt_at: now,
          created_at: now,
          sent_at: null,
          last_error: null,
        })),
      )
      .onConflict((conflict) => conflict.column('dedupe_key').doNothing())
      .execute();
  }
}

function claimedEntry(row: Selectable<Schema['outbox']>): ClaimedEntry {
  return {
    dedupeKey: row.dedupe_key,
    attempts: row.attempts,
    channel: row.channel,
    recipient: row.recipient,
    announcement: JSON.parse(row.payload) as OutboxEntry['announcement'], // written by add
    createdAt: row.created_at,
  };
}
