import type { RecordEvent } from '../authority/audit.js';
import type { ChangeOrigin, InTransaction } from '../people/record-change.js';
import { retryTransient } from '../storage/retry-transient.js';
import { slicesOf } from '../storage/slices.js';
import { acknowledgeIn } from './acknowledge-renewal.js';
import type { ServiceName } from './service-store.js';
import type { ServiceUserStore } from './service-user-store.js';

/** The names of the users whose renewal this call acknowledged. */
export type AcknowledgeService = (order: ServiceName & ChangeOrigin) => Promise<readonly string[]>;

/** Acknowledges what is pending of all users of a service when it is read; what comes meanwhile stays pending. */
export function makeAcknowledgeService(edges: {
  readonly transaction: InTransaction;
  readonly users: Pick<ServiceUserStore, 'list' | 'settle'>;
  readonly recordEvent: RecordEvent;
}): AcknowledgeService {
  const { transaction, users } = edges;
  return async ({ project, name, ...origin }) => {
    const all = await users.list({ project, service: name });
    const acknowledged: string[] = [];
    for (const some of slicesOf(all.filter(({ pending }) => pending))) {
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
    return acknowledged;
  };
}
