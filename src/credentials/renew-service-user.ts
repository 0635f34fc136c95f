import type { Kysely } from 'kysely';
import type { CertificateStore } from '../authority/certificate-store.js';
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
  /** Somebody asked for it, whenever the certificate ends. */
  readonly isAsked?: boolean;
  /** SHA-256 of the idempotency key, where somebody asked for it with one. */
  readonly renewalKey?: string | undefined;
  /** What must still be so when the new pair goes on record. */
  readonly isStillDue?: (trx: Kysely<Schema>) => Promise<boolean>;
}

export type RenewServiceUser = (order: RenewServiceUserOrder) => Promise<ServiceUser>;

/**
 * Gives a service user a new certificate under the same subject, for a new key or for the holder's own. The old pair works
 * on to its own end, and the renewal waits for its acknowledgement. Key, certificate and pending state, from which the
 * announcements follow, are on record together, once, whatever races or dies. Where an access owns the user the new pair
 * is withheld. Throws Failure `state-conflict` where somebody else was first.
 */
export function makeRenewServiceUser(edges: {
  readonly users: Pick<ServiceUserStore, 'replacePair'>;
  readonly issuePair: IssuePair;
  readonly certificates: Pick<CertificateStore, 'findBySha256'>;
  readonly clock: Clock;
  readonly random: RandomBytes;
}): RenewServiceUser {
  const { users, issuePair, certificates, clock, random } = edges;
  return async (order) => {
    const { user, validitySeconds, actor, requestId, renewalKey, isStillDue } = order;
    const { id, username, accessId, pair: old } = user;
    const isWithheld = accessId !== null;
    const { source, ownKey } = keyOfRenewal(user);
    const nextKey = user.nextKey?.spki ?? null;
    const renewedAt = clock();
    const goesOn = order.isAsked === true || isUnseen(user);
    const awaited = goesOn ? await awaitedOf(user, renewedAt, certificates) : undefined;
    const pending: PendingRenewal = {
      id: Buffer.from(random(8)).toString('hex'),
      renewedAt,
      oldSha256: awaited?.oldSha256 ?? old.sha256,
      oldNotAfter: awaited?.oldNotAfter ?? old.notAfter,
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
        const change = { id, from: old.sha256, to, pending, nextKey, accessId, isWithheld };
        const known = { awaited: awaited?.id, renewalKey };
        if (!isWanted || !(await users.replacePair({ ...change, ...known }, trx)))
          throw new Failure('state-conflict', `${username} has changed meanwhile.`);
      },
    });
    return {
      ...user,
      pair,
      pending,
      isWithheld,
      nextKey: undefined,
      renewalAskedAt: null,
      renewalKey: renewalKey ?? user.renewalKey,
    };
  };
}

/** Whether nobody has the present pair: a renewal made it, and no rotation hands it out. */
function isUnseen({ isWithheld, pair }: RenewServiceUserOrder['user']): boolean {
  return isWithheld && pair.sealedKey !== null;
}

/**
 * The renewal that waits, where its old certificate may still be the one in use: it lives, and nobody has fetched with it
 * what came after. Its end is the one that announcements have to name, however often somebody asks for a renewal. The
 * periodic pass begins afresh: it comes when the end of the successor is near. Not so where nobody has seen the successor.
 */
async function awaitedOf(
  { pending, fetchedPendingId }: ServiceUser,
  now: number,
  certificates: Pick<CertificateStore, 'findBySha256'>,
): Promise<PendingRenewal | undefined> {
  if (!pending || pending.oldNotAfter <= now || pending.id === fetchedPendingId) return undefined;
  const old = await certificates.findBySha256(pending.oldSha256);
  return old?.revokedAt === null ? pending : undefined;
}
