import type { PassedOver } from './passed-over.js';
import type { ResetCredentials, ResetOrder } from './reset-credentials.js';
import type { ServiceUserStore } from './service-user-store.js';

/** Gives those whom it passed over. */
export type ResetService = (
  order: Omit<ResetOrder, 'user' | 'newPassword'>,
) => Promise<readonly PassedOver[]>;

/** Keys that are made at once, off the main thread: half of its pool is left to the requests. */
const width = 2;

/**
 * Resets the credentials of all users of a service but of those that an access owns, a few at once: what fails leaves
 * those before it reset, and the same order with the same idempotency key goes on from there.
 */
export function makeResetService(edges: {
  readonly users: Pick<ServiceUserStore, 'list'>;
  readonly resetCredentials: ResetCredentials;
}): ResetService {
  return async (order) => {
    const { project, name } = order.service;
    const all = await edges.users.list({ project, service: name });
    const users = all.filter(({ accessId }) => accessId === null);
    for (let at = 0; at < users.length; at += width) {
      const some = users.slice(at, at + width);
      const resets = some.map((user) => edges.resetCredentials({ ...order, user }));
      for (const reset of await Promise.allSettled(resets))
        if (reset.status === 'rejected') throw reset.reason;
    }
    return all
      .filter(({ accessId }) => accessId !== null)
      .map(({ service, username }) => ({ service, username, reason: 'governed' }));
  };
}
