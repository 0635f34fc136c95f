import type { ResetCredentials, ResetOrder } from './reset-credentials.js';
import type { ServiceUserStore } from './service-user-store.js';

export type ResetService = (order: Omit<ResetOrder, 'user' | 'newPassword'>) => Promise<void>;

/** Keys that are made at once, off the main thread: half of its pool is left to the requests. */
const width = 2;

/**
 * Resets the credentials of all users of a service, a few at once: what fails leaves those before it reset, and the
 * same order with the same idempotency key goes on from there.
 */
export function makeResetService(edges: {
  readonly users: Pick<ServiceUserStore, 'list'>;
  readonly resetCredentials: ResetCredentials;
}): ResetService {
  return async (order) => {
    const { project, name } = order.service;
    const users = await edges.users.list({ project, service: name });
    for (let at = 0; at < users.length; at += width) {
      const some = users.slice(at, at + width);
      const resets = some.map((user) => edges.resetCredentials({ ...order, user }));
      for (const reset of await Promise.allSettled(resets))
        if (reset.status === 'rejected') throw reset.reason;
    }
  };
}
