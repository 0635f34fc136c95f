import { hash } from 'node:crypto';
import type { CertificateStore } from '../authority/certificate-store.js';
import { Failure } from '../failure.js';
import type { ChangeOrigin } from '../people/record-change.js';
import type { DueUserStore } from './due-user-store.js';
import { refuseGoverned } from './governed-user.js';
import { judgeAskedRenewal, passedOverFor } from './renew-now-policy.js';
import type { RenewServiceUser } from './renew-service-user.js';
import type { FindRenewalSettings } from './renewal-settings.js';
import type { ServiceUserStore } from './service-user-store.js';
import type { ServiceUser } from './service-user.js';
import type { Service } from './service.js';

export interface RenewNowOrder extends ChangeOrigin {
  readonly service: Service;
  readonly user: ServiceUser;
  /** Also where a renewal waits for its acknowledgement. */
  readonly again: boolean;
  /** Two orders with the same key are one. */
  readonly idempotencyKey?: string | undefined;
}

/** The user as it is then. */
export type RenewNow = (order: RenewNowOrder) => Promise<ServiceUser>;

/**
 * Renews one service user because somebody asks for it: as the periodic pass would, but whenever its certificate ends.
 * Throws Failure `state-conflict` where there is nothing to renew, an access owns the user, or somebody else was first.
 */
export function makeRenewNow(edges: {
  readonly users: Pick<ServiceUserStore, 'find'>;
  readonly certificates: Pick<CertificateStore, 'findBySha256'>;
  readonly dueUsers: Pick<DueUserStore, 'isStillDue'>;
  readonly renew: RenewServiceUser;
  readonly findRenewalSettings: FindRenewalSettings;
}): RenewNow {
  const { users, certificates, dueUsers, renew, findRenewalSettings } = edges;
  return async ({ service, user, again, idempotencyKey, ...origin }) => {
    refuseGoverned(user);
    const renewalKey = renewalKeyOf(idempotencyKey);
    if (isMade(user, renewalKey)) return user;
    const { pair } = user;
    const recorded = pair && (await certificates.findBySha256(pair.sha256));
    const isRevoked = recorded !== undefined && recorded.revokedAt !== null;
    const isPending = user.pending !== undefined;
    const hasCertificate = pair !== undefined;
    const facts = { isGoverned: false, hasCertificate, isRevoked, isPending };
    const against = judgeAskedRenewal({ service, ...facts, again });
    if (against !== undefined) throw new Failure('state-conflict', passedOverFor[against]);
    if (!pair) throw new Error('a user without a certificate is to be renewed');
    const { validitySeconds } = await findRenewalSettings(service);
    const due = { ...user, pair };
    const isStillDue = (trx: Parameters<DueUserStore['isStillDue']>[1]) =>
      dueUsers.isStillDue(due, trx);
    try {
      const order = { user: due, validitySeconds, renewalKey, isStillDue, isAsked: true };
      return await renew({ ...order, ...origin });
    } catch (error) {
      // The same order delivered twice at once: the other one was quicker.
      const now = error instanceof Failure ? await users.find(user) : undefined;
      if (!now || !isMade(now, renewalKey)) throw error;
      return now;
    }
  };
}

/** An idempotency key as a user's row has it. */
export function renewalKeyOf(idempotencyKey: string | undefined): string | undefined {
  return idempotencyKey === undefined ? undefined : hash('sha256', idempotencyKey);
}

function isMade(user: ServiceUser, renewalKey: string | undefined): boolean {
  return renewalKey !== undefined && user.renewalKey === renewalKey && user.renewalAskedAt === null;
}
