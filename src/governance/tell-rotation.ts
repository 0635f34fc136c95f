import type { Kysely } from 'kysely';
import type { RecordEvent } from '../authority/audit.js';
import type { Clock } from '../edges.js';
import type { Outbox, RotationAnnouncement } from '../notifications/outbox.js';
import type { ChangeOrigin } from '../people/record-change.js';
import type { Schema } from '../storage/schema.js';
import type { Access } from './access.js';
import { addressesOf } from './owner-group-store.js';
import type { OwnerGroup } from './owner-group-store.js';
import type { Rotation } from './rotation.js';

type Kind = RotationAnnouncement['kind'];

/** What befell a request, for the audit log and for people. */
export interface RotationNews extends ChangeOrigin {
  readonly access: Access;
  readonly group: OwnerGroup;
  /** As it is afterwards. */
  readonly rotation: Rotation;
  /** In the audit log. */
  readonly action: string;
  readonly kinds: readonly Kind[];
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

/** Who hears of what: the one who asked, and the others of the group, but for whom decided where that is nothing new. */
const audiences: Readonly<
  Record<Kind, { readonly requester: boolean; readonly others: 'all' | 'undecided' | 'none' }>
> = {
  'rotation-requested': { requester: false, others: 'all' },
  'rotation-deleted': { requester: false, others: 'all' },
  'rotation-declined': { requester: true, others: 'undecided' },
  'rotation-approved': { requester: false, others: 'undecided' },
  'rotation-failed': { requester: true, others: 'all' },
  'rotation-lapsed': { requester: true, others: 'all' },
  'credentials-ready': { requester: true, others: 'none' },
  'credentials-revealed': { requester: true, others: 'all' },
  'credentials-lapsed': { requester: true, others: 'none' },
};

/** Over the outbox and the audit log. */
export function makeTellRotation({
  outbox,
  recordEvent,
  clock,
}: {
  readonly outbox: Outbox;
  readonly recordEvent: RecordEvent;
  readonly clock: Clock;
}): TellRotation {
  return async (news, trx) => {
    const { access, rotation, action, actor, requestId, certificate } = news;
    const { project, service } = access.user;
    const addresses = await addressesOf(rotation, trx);
    if (news.isOnRecord !== true) {
      const detail = { ...detailOf(news, addresses.requester), ...news.detail };
      await recordEvent({ action, actor, requestId, certificate, project, service, detail }, trx);
    }
    const entries = news.kinds.flatMap((kind) =>
      recipientsOf(kind, news, addresses.requester).map((recipient) => ({
        dedupeKey: `${kind} ${rotation.id} mail ${recipient}`,
        channel: 'mail' as const,
        recipient,
        announcement: announcementOf(kind, news, addresses),
      })),
    );
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

function recipientsOf(kind: Kind, { group, rotation }: RotationNews, requester: string): string[] {
  const audience = audiences[kind];
  const others = group.members.filter(
    ({ userId }) =>
      userId !== rotation.requesterId &&
      (audience.others === 'all' ||
        (audience.others === 'undecided' && userId !== rotation.decidedBy)),
  );
  return [
    ...(audience.requester ? [requester] : []),
    ...(audience.others === 'none' ? [] : others.map(({ email }) => email)),
  ];
}

function announcementOf(
  kind: Kind,
  { access, group, rotation, address }: RotationNews,
  { requester, decider }: { readonly requester: string; readonly decider: string | null },
): RotationAnnouncement {
  const { project, service, username } = access.user;
  const { id, message, decision, failure, revokeOld, credentials } = rotation;
  return {
    kind,
    project,
    service,
    rotation: {
      id,
      organizationId: access.organizationId,
      accessId: access.id,
      accessName: access.name,
      groupName: group.name,
      username,
      requester,
      decider,
      message,
      decision,
      failure,
      revokeOld,
      until: credentials ? credentials.lapseAt : rotation.lapsesAt,
      address: address ?? null,
    },
  };
}
