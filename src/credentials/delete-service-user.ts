import type { Kysely } from 'kysely';
import type { RecordEvent } from '../authority/audit.js';
import { revokeHolders } from '../authority/revoke-holders.js';
import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import { retryTransient } from '../storage/retry-transient.js';
import type { Schema } from '../storage/schema.js';
import type { ServiceUserStore } from './service-user-store.js';
import { holderOfServiceUser, userUnknown } from './service-user.js';
import type { ServiceUser } from './service-user.js';

export type DeleteServiceUser = (order: {
  readonly user: ServiceUser;
  readonly actor: string;
  readonly requestId?: string | undefined;
}) => Promise<void>;

/**
 * Deletes a user and revokes its certificates: whoever gets its name later has the same subject. Throws Failure
 * `state-conflict` for the primary user, `resource-unknown` where somebody else was first.
 */
export function makeDeleteServiceUser(edges: {
  readonly transaction: <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
  readonly users: Pick<ServiceUserStore, 'remove'>;
  readonly recordEvent: RecordEvent;
  readonly clock: Clock;
}): DeleteServiceUser {
  const { transaction, users, recordEvent, clock } = edges;
  return async ({ user, actor, requestId }) => {
    const { id, project, service, username } = user;
    if (user.type === 'primary') {
      throw new Failure(
        'state-conflict',
        `${username} is the primary user of the service and stays as long as the service does.`,
      );
    }
    const action = 'service-user.deleted';
    const holders = [holderOfServiceUser(user)];
    await retryTransient(() =>
      transaction(async (trx) => {
        // First the user: whoever renews it has then either finished, and is seen, or finds it gone.
        if (!(await users.remove(id, trx))) throw userUnknown();
        const revoked = await revokeHolders(trx, {
          kind: 'service-user',
          holders,
          reason: 'cessationOfOperation',
          now: clock(),
        });
        const detail = { username, revoked };
        await recordEvent({ action, actor, requestId, project, service, detail }, trx);
      }),
    );
  };
}
