import type { Kysely } from 'kysely';
import type { Clock } from '../edges.js';
import type { RotationAnnouncement } from '../notifications/outbox.js';
import type { Schema } from '../storage/schema.js';

/** The announcement, where what it asks for can still be done; undefined where it is over. */
export type StillWaiting = (
  announcement: RotationAnnouncement,
) => Promise<RotationAnnouncement | undefined>;

/**
 * Nobody is asked to decide on what was decided, deleted or has lapsed, nor to reveal what was revealed or erased, while
 * the announcement of it waited in the outbox. What befell a request stays true.
 */
export function makeStillWaiting(db: Kysely<Schema>, clock: Clock): StillWaiting {
  return async (announcement) => {
    const { kind, rotation } = announcement;
    if (kind !== 'rotation-requested' && kind !== 'credentials-ready') return announcement;
    const query = db.selectFrom('rotation_requests').select('id').where('id', '=', rotation.id);
    const waiting =
      kind === 'rotation-requested'
        ? query.where('state', '=', 'pending').where('lapses_at', '>', clock())
        : query
            .where('credentials_state', '=', 'waiting')
            .where('credentials_lapse_at', '>', clock());
    return (await waiting.executeTakeFirst()) === undefined ? undefined : announcement;
  };
}
