import type { OutboxEntry, RotationAnnouncement } from '../notifications/outbox.js';
import type { Access } from './access.js';
import type { Audience } from './audience-store.js';
import type { OwnerGroup } from './owner-group-store.js';
import type { Rotation } from './rotation.js';

type Kind = RotationAnnouncement['kind'];

/** What is told of a request, and who may hear it. */
export interface RotationTidings {
  readonly access: Access;
  readonly group: OwnerGroup;
  /** As it is afterwards. */
  readonly rotation: Rotation;
  readonly kinds: readonly Kind[];
  /** Mail addresses of those who asked and decided, as they are named. */
  readonly requester: string;
  readonly decider: string | null;
  /** From where the credentials were revealed. */
  readonly address: string | undefined;
  /** How long old certificates work after a reveal where a request says after_grace. */
  readonly graceSeconds: number;
  readonly audience: Audience;
}

/**
 * Who hears of what by mail: the one who asked, and the others of the group, but for whom decided where that is nothing
 * new. The webhooks of the project hear of everything.
 */
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
  'credentials-lapsed': { requester: true, others: 'all' },
};

/** The announcements as entries of the outbox, each once for everybody who hears of it. */
export function rotationEntries(tidings: RotationTidings): OutboxEntry[] {
  return tidings.kinds.flatMap((kind) => {
    const announcement = announcementOf(kind, tidings);
    const entry =
      (channel: OutboxEntry['channel']) =>
      (recipient: string): OutboxEntry => ({
        dedupeKey: `${kind} ${tidings.rotation.id} ${channel} ${recipient}`,
        channel,
        recipient,
        announcement,
      });
    return [
      ...recipientsOf(kind, tidings).map(entry('mail')),
      ...tidings.audience.webhooks.map(entry('webhook')),
    ];
  });
}

function recipientsOf(
  kind: Kind,
  { group, rotation, audience: { requester } }: RotationTidings,
): string[] {
  const audience = audiences[kind];
  const others = group.members.filter(
    ({ userId }) =>
      userId !== rotation.requesterId &&
      (audience.others === 'all' ||
        (audience.others === 'undecided' && userId !== rotation.decidedBy)),
  );
  return [
    ...(audience.requester && requester !== undefined ? [requester] : []),
    ...others.map(({ email }) => email),
  ];
}

function announcementOf(
  kind: Kind,
  { access, group, rotation, requester, decider, address, graceSeconds }: RotationTidings,
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
      graceSeconds,
      until: credentials ? credentials.lapseAt : rotation.lapsesAt,
      address: address ?? null,
    },
  };
}
