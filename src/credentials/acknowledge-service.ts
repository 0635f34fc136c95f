import type { RecordEvent } from '../authority/audit.js';
import type { ChangeOrigin, InTransaction } from '../people/record-change.js';
import { retryTransient } from '../storage/retry-transient.js';
import { slicesOf } from '../storage/slices.js';
import { acknowledgeIn } from './acknowledge-renewal.js';
import type { PassedOver } from './passed-over.js';
import type { ServiceName } from './service-store.js';
import type { ServiceUserStore } from './service-user-store.js';
import type { ServiceUser } from './service-user.js';

export type AcknowledgeService = (order: ServiceName & ChangeOrigin) => Promise<{
  /** The names of the users whose renewal this call acknowledged. */
  readonly acknowledged: readonly string[];
  readonly passedOver: readonly PassedOver[];
}>;

/**
 * Acknowledges what is pending of all users of a service when it is read; what comes meanwhile stays pending, and so
 * does what nobody can have taken into use: a pair that is withheld.
 */
export function makeAcknowledgeService(edges: {
  readonly transaction: InTransaction;
  readonly users: Pick<ServiceUserStore, 'list' | 'settle'>;
  readonly recordEvent: RecordEvent;
}): AcknowledgeService {
  const { transaction, users } = edges;
  return async ({ project, name, ...origin }) => {
    const all = await users.list({ project, service: name });
    const pending = all.filter((user) => user.pending);
    const isUnseen = ({ accessId, isWithheld }: ServiceUser) => accessId !== null && isWithheld;
    const acknowledged: string[] = [];
    for (const some of slicesOf(pending.filter((user) => !isUnseen(user)))) {
      const names = await retryTransient(() =>
        transaction(async (trx) => {
          const done: string[] = [];
          for (const user of some)
            if (await acknowledgeIn(trx, { user, ...origin }, edges)) done.push(user.username);
          return done;
        }),
      );
      acknowledged.push(...names);
    }
    const passedOver = pending
      .filter(isUnseen)
      .map(({ service, username }) => ({ service, username, reason: 'governed' as const }));
    return { acknowledged, passedOver };
  };
}
