import type { Kysely } from 'kysely';
import type { Clock, RandomBytes } from '../edges.js';
import { Failure } from '../failure.js';
import type { Schema } from '../storage/schema.js';
import type { IssuePair } from './issue-pair.js';
import { keyOfRenewal } from './key-of-renewal.js';
import type { ServiceUserStore } from './service-user-store.js';
import type { CurrentPair, PendingRenewal, ServiceUser } from './service-user.js';

export interface RenewServiceUserOrder {
  /** As it was read; it is renewed only if it still has that pair. */
  readonly user: ServiceUser & { readonly pair: CurrentPair };
  readonly validitySeconds: number;
  /** `gateway` for the periodic pass. */
  readonly actor: string;
  readonly requestId?: string | undefined;
  /** SHA-256 of the idempotency key, where somebody asked for it with one. */
  readonly renewalKey?: string | undefined;
  /** What must still be so when the new pair goes on record. */
  readonly isStillDue?: (trx: Kysely<Schema>) => Promise<boolean>;
}

export type RenewServiceUser = (order: RenewServiceUserOrder) => Promise<ServiceUser>;

/**
 * Gives a service user a new certificate under the same subject, for a new key or for the holder's own. The old pair works on to its own end, and the
 * renewal waits for its acknowledgement. Key, certificate and pending state, from which the announcements follow, are on
 * record together, once, whatever races or dies. Throws Failure `state-conflict` where somebody else was first.
 */
export function makeRenewServiceUser(edges: {
  readonly users: Pick<ServiceUserStore, 'replacePair'>;
  readonly issuePair: IssuePair;
  readonly clock: Clock;
  readonly random: RandomBytes;
}): RenewServiceUser {
  const { users, issuePair, clock, random } = edges;
  return async ({ user, validitySeconds, actor, requestId, renewalKey, isStillDue }) => {
    const { id, username, pair: old } = user;
    const { source, ownKey } = keyOfRenewal(user);
    const nextKey = user.nextKey?.spki ?? null;
    const pending: PendingRenewal = {
      id: Buffer.from(random(8)).toString('hex'),
      renewedAt: clock(),
      oldSha256: old.sha256,
      oldNotAfter: old.notAfter,
    };
    const pair = await issuePair({
      user,
      validitySeconds,
      ownKey,
      follows: old.sha256,
      event: {
        action: 'service-user.renewed',
        actor,
        requestId,
        detail: { username, oldNotAfter: old.notAfter, key: source },
      },
      alongside: async (trx, to) => {
        const isWanted = isStillDue === undefined || (await isStillDue(trx));
        const change = { id, from: old.sha256, to, pending, nextKey, renewalKey };
        if (!isWanted || !(await users.replacePair(change, trx)))
          throw new Failure('state-conflict', `${username} has changed meanwhile.`);
      },
    });
    return {
      ...user,
      pair,
      pending,
      nextKey: undefined,
      renewalAskedAt: null,
      renewalKey: renewalKey ?? user.renewalKey,
    };
  };
}
