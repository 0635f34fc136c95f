import type { Clock } from '../edges.js';
import type { RecordEvent } from '../authority/audit.js';
import type { ChangeOrigin, InTransaction } from '../people/record-change.js';
import { retryTransient } from '../storage/retry-transient.js';
import type { AskedRenewalStore, AskedUser, UserGroup } from './asked-renewal-store.js';
import type { PassedOver } from './passed-over.js';
import { judgeAskedRenewal } from './renew-now-policy.js';
import type { PassedOverFor } from './renew-now-policy.js';
import { renewalKeyOf } from './renew-now.js';

/** What became of an order for many users. */
export interface AskedRenewals {
  /** How many the next pass renews, or has renewed for the same order. */
  readonly asked: number;
  readonly passedOver: readonly PassedOver[];
}

export type AskForRenewals = (
  order: UserGroup &
    ChangeOrigin & {
      /** Also of those whose renewal waits for its acknowledgement. */
      readonly again: boolean;
      /** Two orders with the same key are one. */
      readonly idempotencyKey?: string | undefined;
    },
) => Promise<AskedRenewals>;

/**
 * Asks for the renewal of all users of a service or project: a note in each row, which the next pass of a gateway
 * follows. That way ten thousand users keep nobody waiting for an answer, and an order survives a restart.
 */
export function makeAskForRenewals(edges: {
  readonly transaction: InTransaction;
  readonly store: AskedRenewalStore;
  readonly recordEvent: RecordEvent;
  readonly clock: Clock;
}): AskForRenewals {
  const { transaction, store, recordEvent, clock } = edges;
  return async ({ project, service, again, idempotencyKey, ...origin }) => {
    const renewalKey = renewalKeyOf(idempotencyKey);
    return retryTransient(() =>
      transaction(async (trx) => {
        const all = await store.list({ project, service }, trx);
        const isKnown = (user: AskedUser) =>
          renewalKey !== undefined && user.renewalKey === renewalKey && !user.isGoverned;
        const judged = all
          .filter((user) => !isKnown(user))
          .map((user) => ({ user, reason: judge(user, again) }));
        const users = judged.filter(({ reason }) => reason === undefined).map(({ user }) => user);
        const order = { users, again, renewalKey, now: clock() };
        const asked = new Set(await store.ask(order, trx));
        const passedOver = judged.flatMap(({ user, reason = 'changed' }) =>
          asked.has(user.id)
            ? []
            : [{ service: user.service.name, username: user.username, reason }],
        );
        if (asked.size > 0) {
          const action =
            service === undefined ? 'project.renewals-asked' : 'service.renewals-asked';
          const detail = { users: asked.size, passedOver: passedOver.length, again };
          await recordEvent({ action, project, service, detail, ...origin }, trx);
        }
        return { asked: all.length - passedOver.length, passedOver };
      }),
    );
  };
}

function judge(user: AskedUser, again: boolean): PassedOverFor | undefined {
  return judgeAskedRenewal({ ...user, hasCertificate: user.certificate !== null, again });
}
