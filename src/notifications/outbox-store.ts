import type { Outbox } from './outbox.js';

/** Puts entries into the outbox; one whose key is there already changes nothing. */
export const outbox: Outbox = {
  add: async (entries, now, trx) => {
    for (const { dedupeKey, channel, recipient, announcement } of entries) {
      await trx
        .insertInto('outbox')
        .values({
          dedupe_key: dedupeKey,
          channel,
          recipient,
          project: announcement.project,
          service: announcement.service,
          payload: JSON.stringify(announcement),
          state: 'waiting',
          attempts: 0,
          next_attempt_at: now,
          created_at: now,
          sent_at: null,
          last_error: null,
        })
        .onConflict((conflict) => conflict.column('dedupe_key').doNothing())
        .execute();
    }
  },
};
