import type { Kysely } from 'kysely';
import type { RecordEvent } from '../authority/audit.js';
import type { Schema } from '../storage/schema.js';
import type { JsonObject } from './service.js';
import type { ServiceUserStore } from './service-user-store.js';
import { userUnknown } from './service-user.js';
import type { ServiceUser } from './service-user.js';

export type SetAccessControl = (order: {
  readonly user: ServiceUser;
  readonly accessControl: JsonObject;
  readonly actor: string;
  readonly requestId?: string | undefined;
}) => Promise<void>;

/** Notes what a user may do in its service, as the service itself reads it. Throws Failure `resource-unknown`. */
export function makeSetAccessControl(edges: {
  readonly transaction: <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
  readonly users: Pick<ServiceUserStore, 'replaceAccessControl'>;
  readonly recordEvent: RecordEvent;
}): SetAccessControl {
  return async ({ user, accessControl, actor, requestId }) => {
    const { id, project, service, username } = user;
    const action = 'service-user.access-changed';
    await edges.transaction(async (trx) => {
      if (!(await edges.users.replaceAccessControl(id, accessControl, trx))) throw userUnknown();
      const event = { action, actor, requestId, project, service, detail: { username } };
      await edges.recordEvent(event, trx);
    });
  };
}
