import type { Transaction } from 'kysely';
import type { Clock, RandomBytes } from '../edges.js';
import { Failure } from '../failure.js';
import type { Schema } from '../storage/schema.js';
import type { IssuePair } from './issue-pair.js';
import type { ServiceUserStore } from './service-user-store.js';
import type { CurrentPair, PendingRenewal, ServiceUser } from './service-user.js';

export interface RenewServiceUserOrder {
  /** As it was read; it is renewed only if it still has that pair. */
  readonly user: ServiceUser & { readonly pair: CurrentPair };
  readonly validitySeconds: number;
  /** `gateway` for the periodic pass. */
  readonly actor: string;
  readonly requestId?: string | undefined;
}

export type RenewServiceUser = (order: RenewServiceUserOrder) => Promise<ServiceUser>;

/**
 * Gives a service user a new key and certificate under the same subject. The old pair works on to its own end, and the
 * renewal waits for its acknowledgement. Key, certificate, pending state and announcement are on record together, once,
 * whatever races or dies. Throws Failure `state-conflict` where somebody else was first.
 */
export function makeRenewServiceUser(edges: {
  readonly users: Pick<ServiceUserStore, 'replacePair'>;
  readonly issuePair: IssuePair;
  /** Puts the first announcement into the outbox. */
  readonly announce: (trx: Transaction<Schema>, renewed: ServiceUser) => Promise<void>;
  readonly clock: Clock;
  readonly random: RandomBytes;
}): RenewServiceUser {
  const { users, issuePair, announce, clock, random } = edges;
  return async ({ user, validitySeconds, actor, requestId }) => {
    const { id, username, pair: old } = user;
    const pending: PendingRenewal = {
      id: Buffer.from(random(8)).toString('hex'),
      renewedAt: clock(),
      oldSha256: old.sha256,
      oldNotAfter: old.notAfter,
    };
    const pair = await issuePair({
      user,
      validitySeconds,
      follows: old.sha256,
      event: {
        action: 'service-user.renewed',
        actor,
        requestId,
        detail: { username, oldNotAfter: old.notAfter },
      },
      alongside: async (trx, to) => {
        if (!(await users.replacePair({ id, from: old.sha256, to, pending }, trx))) {
          throw new Failure('state-conflict', `${username} has other credentials meanwhile.`);
        }
        await announce(trx, { ...user, pair: to, pending });
      },
    });
    return { ...user, pair, pending };
  };
}
