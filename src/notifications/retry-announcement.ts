import type { Kysely } from 'kysely';
import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import { isoTime } from '../iso-time.js';
import type { Schema } from '../storage/schema.js';
import type { OutboxReview, OutboxSummary } from './outbox-review.js';

/** Sends an announcement again that was given up; `id` may be the beginning of it. Throws a Failure where it cannot. */
export type RetryAnnouncement = (order: {
  readonly id: string;
  readonly actor: string;
  readonly requestId?: string | undefined;
}) => Promise<OutboxSummary>;

/** It leaves with the next look at the outbox; stands or falls with its audit event. */
export function makeRetryAnnouncement(edges: {
  readonly outbox: Pick<OutboxReview, 'findUnsent' | 'revive'>;
  readonly transaction: <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
  readonly recordEvent: (
    event: {
      readonly action: string;
      readonly actor: string;
      readonly requestId?: string | undefined;
      readonly project: string;
      readonly service: string;
      readonly detail: Readonly<Record<string, unknown>>;
    },
    trx: Kysely<Schema>,
  ) => Promise<void>;
  readonly clock: Clock;
}): RetryAnnouncement {
  const { outbox, transaction, recordEvent, clock } = edges;
  return async ({ id, ...origin }) => {
    const found = theOnly(await outbox.findUnsent(id), id);
    if (found.state !== 'dead') throw notDead(found);
    await transaction(async (trx) => {
      if (!(await outbox.revive(found.dedupeKey, clock(), trx))) throw notDead(found);
      const { project, service, channel } = found;
      const detail = { id: found.id, channel };
      const event = { action: 'announcement.retried', ...origin, project, service, detail };
      await recordEvent(event, trx);
    });
    return found;
  };
}

function theOnly(found: readonly OutboxSummary[], id: string): OutboxSummary {
  const [entry, another] = found;
  if (!entry)
    throw new Failure(
      'resource-unknown',
      `No unsent announcement begins with ${id}: everleaf announcement list shows them by their IDs.`,
    );
  if (another)
    throw new Failure('state-conflict', `Several announcements begin with ${id}: name more of it.`);
  return entry;
}

function notDead({ id, nextAttemptAt }: OutboxSummary): Failure {
  return new Failure(
    'state-conflict',
    `The announcement ${id.slice(0, 12)} is tried again by itself, next at ${isoTime(nextAttemptAt)}.`,
  );
}
