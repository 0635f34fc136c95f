import type { Kysely } from 'kysely';
import type { RecordEvent } from '../authority/audit.js';
import type { Clock } from '../edges.js';
import type { Outbox } from '../notifications/outbox.js';
import type { ChangeOrigin } from '../people/record-change.js';
import type { Schema } from '../storage/schema.js';
import { placeOf } from './access-store.js';
import { readAudience } from './audience-store.js';
import { addressesOf } from './owner-group-store.js';
import { rotationEntries } from './rotation-entries.js';
import type { RotationTidings } from './rotation-entries.js';

/** What befell a request, for the audit log and for people. */
export interface RotationNews
  extends ChangeOrigin, Pick<RotationTidings, 'access' | 'group' | 'rotation' | 'kinds'> {
  /** In the audit log. */
  readonly action: string;
  /** SHA-256 of the certificate concerned. */
  readonly certificate?: string | undefined;
  /** From where the credentials were revealed. */
  readonly address?: string | undefined;
  readonly detail?: Readonly<Record<string, unknown>>;
  /** False where the audit log has it already. */
  readonly isOnRecord?: boolean;
}

/** Records before it tells: the audit event and the announcements, in the transaction of what befell. */
export type TellRotation = (news: RotationNews, trx: Kysely<Schema>) => Promise<void>;

/** Over the outbox and the audit log. */
export function makeTellRotation({
  outbox,
  recordEvent,
  graceSeconds,
  clock,
}: {
  readonly outbox: Outbox;
  readonly recordEvent: RecordEvent;
  readonly graceSeconds: number;
  readonly clock: Clock;
}): TellRotation {
  return async (news, trx) => {
    const { access, group, rotation, kinds, action, actor, requestId, certificate } = news;
    const addresses = await addressesOf(rotation, trx);
    if (news.isOnRecord !== true) {
      const detail = { ...detailOf(news, addresses.requester), ...news.detail };
      const place = await placeOf(access, trx);
      await recordEvent({ action, actor, requestId, certificate, ...place, detail }, trx);
    }
    if (kinds.length === 0) return;
    const { address } = news;
    const audience = await readAudience({ access, requesterId: rotation.requesterId }, trx);
    const told = { access, group, rotation, kinds, address, graceSeconds, audience };
    const entries = rotationEntries({ ...told, ...addresses });
    await outbox.add(entries, clock(), trx);
  };
}

/** What the audit log says of a request, whatever befell it. */
export function detailOf(
  { access, rotation }: Pick<RotationNews, 'access' | 'rotation'>,
  requester: string,
): Readonly<Record<string, unknown>> {
  return {
    username: access.user.username,
    access: access.id,
    accessName: access.name,
    rotation: rotation.id,
    requester,
    message: rotation.message,
    revokeOld: rotation.revokeOld,
    ...(rotation.decision === null ? {} : { decision: rotation.decision }),
    ...(rotation.failure === null ? {} : { failure: rotation.failure }),
  };
}
