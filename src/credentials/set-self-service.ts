import type { Kysely } from 'kysely';
import type { RecordEvent } from '../authority/audit.js';
import type { Schema } from '../storage/schema.js';
import type { SelfServiceStore } from './self-service-store.js';
import type { ServiceUser } from './service-user.js';

/** Whether this call changed it. */
export type SetSelfService = (order: {
  readonly user: ServiceUser;
  readonly isEnabled: boolean;
  readonly actor: string;
  readonly requestId?: string | undefined;
}) => Promise<boolean>;

/** Lets the holder of a user fetch renewed pairs itself with the certificate that was renewed, or bars it. */
export function makeSetSelfService(edges: {
  readonly transaction: <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
  readonly store: Pick<SelfServiceStore, 'setEnabled'>;
  readonly recordEvent: RecordEvent;
}): SetSelfService {
  return ({ user, isEnabled, actor, requestId }) =>
    edges.transaction(async (trx) => {
      const { id, project, service, username } = user;
      if (!(await edges.store.setEnabled({ id, isEnabled }, trx))) return false;
      const detail = { username, isEnabled };
      const action = 'service-user.self-service-changed';
      await edges.recordEvent({ action, actor, requestId, project, service, detail }, trx);
      return true;
    });
}
