import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.js';
import type { CredentialsState } from './rotation.js';

/** What the last approved request of an access made, and who alone may see it. */
export interface LatestCredentials {
  readonly rotationId: string;
  readonly requesterId: string;
  readonly state: CredentialsState;
}

export type FindLatestCredentials = (
  accessIds: readonly string[],
) => Promise<ReadonlyMap<string, LatestCredentials>>;

const order: readonly (CredentialsState | null)[] = ['lapsed', 'revealed', 'waiting'];

/** By access; those are left out of which nothing was ever approved. */
export function makeFindLatestCredentials(db: Kysely<Schema>): FindLatestCredentials {
  return async (accessIds) => {
    if (accessIds.length === 0) return new Map();
    const rows = await db
      .selectFrom('rotation_requests')
      .select(['id', 'access_id', 'requester_id', 'decided_at', 'credentials_state'])
      .where('access_id', 'in', accessIds)
      .where('credentials_state', 'is not', null)
      .execute();
    // Of several in one second at most one waits, and that is the last.
    const inOrder = rows.toSorted(
      (one, other) =>
        (one.decided_at ?? 0) - (other.decided_at ?? 0) ||
        order.indexOf(one.credentials_state) - order.indexOf(other.credentials_state),
    );
    return new Map(
      inOrder.flatMap(({ id, access_id, requester_id, credentials_state }) =>
        credentials_state === null
          ? []
          : [[access_id, { rotationId: id, requesterId: requester_id, state: credentials_state }]],
      ),
    );
  };
}
