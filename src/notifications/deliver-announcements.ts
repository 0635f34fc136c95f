import type { Clock, Log } from '../edges.js';
import { maxAttempts, nextTry } from './delivery-policy.js';
import type { OutboxEntry } from './outbox.js';
import type { Attempt, Channel, ClaimedEntry, OutboxStore } from './outbox-store.js';
import { outboxId } from './outbox-store.js';

/** Brings one entry to its recipient, or throws. Its words go to operators: a DeliveryFault says what was wrong. */
export type Send = (entry: ClaimedEntry, signal: AbortSignal) => Promise<void>;

/** What is still true of an announcement; undefined where nothing is. */
export type StillPending = (
  announcement: OutboxEntry['announcement'],
) => Promise<OutboxEntry['announcement'] | undefined>;

/** Why an entry did not arrive, in words without a secret: they stand in the outbox. */
export class DeliveryFault extends Error {}

/** The end of a gateway: begin nothing more, then let go of what is under way. */
export interface Ending {
  readonly noMore: AbortSignal;
  readonly letGo: AbortSignal;
}

/** Sends what is due on one channel, until nothing is. */
export type DeliverDue = (ending: Ending) => Promise<void>;

interface Edges {
  readonly channel: Channel;
  readonly outbox: Pick<OutboxStore, 'due' | 'claim' | 'markSent' | 'markFailed' | 'markWithdrawn'>;
  readonly stillPending: StillPending;
  readonly send: Send;
  readonly clock: Clock;
  readonly log: Log;
  readonly count: (channel: Channel, state: 'sent' | 'failed' | 'dead' | 'withdrawn') => void;
}

const atOnce = 4;
const pageSize = 50;

/**
 * Claims an entry right before it is sent, so that of several gateways one sends it. A gateway that dies between the
 * sending and the mark leaves a claim that lapses: that one entry goes out once more, under the same id.
 */
export function makeDeliverDue(edges: Edges): DeliverDue {
  const { channel, outbox, clock } = edges;
  return async (ending) => {
    while (!ending.noMore.aborted) {
      const due = await outbox.due(channel, { now: clock(), limit: pageSize });
      if (due.length === 0) return;
      const line = due.values();
      const workOff = async (): Promise<void> => {
        for (const seen of line) {
          if (ending.noMore.aborted) return;
          await deliver(edges, seen, ending.letGo);
        }
      };
      // A fault of the database waits until the others have ended: the stop waits for all of them.
      const ends = await Promise.allSettled(Array.from({ length: atOnce }, workOff));
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    }
  };
}

async function deliver(edges: Edges, seen: Attempt, letGo: AbortSignal): Promise<void> {
  const { channel, outbox, stillPending, clock, count } = edges;
  if (seen.attempts >= maxAttempts) {
    await bury(edges, seen);
    return;
  }
  const entry = await outbox.claim(seen, clock());
  if (!entry) return;
  const announcement = await stillPending(entry.announcement);
  if (!announcement) {
    if (await outbox.markWithdrawn(entry)) count(channel, 'withdrawn');
    return;
  }
  try {
    await edges.send({ ...entry, announcement }, letGo);
  } catch (error) {
    // Nobody knows whether it arrived: the claim lapses, and the next gateway tries again.
    if (!letGo.aborted) await fail(edges, entry, error);
    return;
  }
  if (await outbox.markSent(entry, clock())) count(channel, 'sent');
}

/** The last attempt was claimed, and its sender never came back. */
async function bury({ channel, outbox, clock, count }: Edges, seen: Attempt): Promise<void> {
  const next = { state: 'dead', at: clock() } as const;
  const error = 'the gateway ended while it was sent';
  if (await outbox.markFailed(seen, next, error)) count(channel, 'dead');
}

async function fail(edges: Edges, entry: ClaimedEntry, fault: unknown): Promise<void> {
  const { channel, outbox, clock, log, count } = edges;
  const { dedupeKey, attempts } = entry;
  const next = nextTry(attempts, clock());
  const isExpected = fault instanceof DeliveryFault;
  const error = isExpected ? fault.message : 'a fault of the gateway: its log says more';
  if (!(await outbox.markFailed(entry, next, error))) return;
  count(channel, next.state === 'dead' ? 'dead' : 'failed');
  const facts = { channel, id: outboxId(dedupeKey), attempts, error };
  const unexpected = isExpected ? {} : { err: fault };
  if (next.state === 'dead') {
    log.error({ ...facts, ...unexpected }, 'an announcement could not be delivered: given up');
  } else log.warn({ ...facts, ...unexpected }, 'an announcement could not be delivered yet');
}
