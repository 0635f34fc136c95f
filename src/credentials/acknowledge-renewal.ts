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

interface AcknowledgeEdges {
  readonly transaction: <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
  readonly users: Pick<ServiceUserStore, 'settle'>;
  readonly recordEvent: RecordEvent;
}

/**
 * Notes that the new pair is in use: the announcements end. It is the renewal that was read that is acknowledged, never
 * one that came meanwhile; with nothing pending nothing changes. The old certificate works on to its own end.
 */
export function makeAcknowledgeRenewal(edges: AcknowledgeEdges): AcknowledgeRenewal {
  return async (order) => {
    if (!order.user.pending) return false;
    return edges.transaction((trx) => acknowledgeIn(trx, order, edges));
  };
}

/** The same inside a transaction that acknowledges more than this. */
export async function acknowledgeIn(
  trx: Kysely<Schema>,
  { user, actor, certificate, requestId }: Parameters<AcknowledgeRenewal>[0],
  { users, recordEvent }: Pick<AcknowledgeEdges, 'users' | 'recordEvent'>,
): Promise<boolean> {
  const { id, project, service, username, pending } = user;
  if (!pending || !(await users.settle({ id, pendingId: pending.id }, trx))) return false;
  const detail = { username, oldNotAfter: pending.oldNotAfter };
  const action = 'service-user.acknowledged';
  await recordEvent({ action, actor, certificate, requestId, project, service, detail }, trx);
  return true;
}
