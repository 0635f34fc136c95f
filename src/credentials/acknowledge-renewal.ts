import type { Kysely } from 'kysely';
import type { RecordEvent } from '../authority/audit.js';
import type { Schema } from '../storage/schema.js';
import type { ServiceUserStore } from './service-user-store.js';
import type { ServiceUser } from './service-user.js';

/** Whether this call acknowledged a renewal. */
export type AcknowledgeRenewal = (order: {
  readonly user: ServiceUser;
  readonly actor: string;
  /** SHA-256 of the certificate that was presented as the proof, where one was. */
  readonly certificate?: string | undefined;
  readonly requestId?: string | undefined;
}) => Promise<boolean>;

/**
 * Notes that the new pair is in use: the announcements end. It is the renewal that was read that is acknowledged, never
 * one that came meanwhile; with nothing pending nothing changes. The old certificate works on to its own end.
 */
export function makeAcknowledgeRenewal(edges: {
  readonly transaction: <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
  readonly users: Pick<ServiceUserStore, 'settle'>;
  readonly recordEvent: RecordEvent;
}): AcknowledgeRenewal {
  return async ({ user, actor, certificate, requestId }) => {
    const { id, project, service, username, pending } = user;
    if (!pending) return false;
    return edges.transaction(async (trx) => {
      if (!(await edges.users.settle({ id, pendingId: pending.id }, trx))) return false;
      await edges.recordEvent(
        {
          action: 'service-user.acknowledged',
          actor,
          certificate,
          requestId,
          project,
          service,
          detail: { username, oldNotAfter: pending.oldNotAfter },
        },
        trx,
      );
      return true;
    });
  };
}
