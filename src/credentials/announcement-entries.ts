import type { Announcement, OutboxEntry } from '../notifications/outbox.js';
import type { DueAnnouncement, ServiceName } from './announcement-store.js';

/**
 * One announcement as entries of the outbox: to recipients and webhooks of the service it names all users, to whom a user
 * names besides only those users. The dedupe key is the slot of the first user in it, which is claimed once.
 */
export function entriesFor({
  kind,
  service: { project, service },
  recipients,
  webhooks,
  users,
}: {
  readonly kind: Announcement['kind'];
  readonly service: ServiceName;
  readonly recipients: readonly string[];
  readonly webhooks: readonly string[];
  readonly users: readonly DueAnnouncement[];
}): OutboxEntry[] {
  const [first] = users;
  if (!first) return [];
  const slot = `${kind} ${first.pendingId} ${String(first.announceAt)}`;
  const entry = (
    channel: OutboxEntry['channel'],
    recipient: string,
    some: readonly DueAnnouncement[],
  ): OutboxEntry => ({
    dedupeKey: `${slot} ${channel} ${recipient}`,
    channel,
    recipient,
    announcement: { kind, project, service, users: some.map(factsOf) },
  });
  return [
    ...recipients.map((recipient) => entry('mail', recipient, users)),
    ...[...ownRecipients(users, new Set(recipients))].map(([recipient, some]) =>
      entry('mail', recipient, some),
    ),
    ...webhooks.map((id) => entry('webhook', id, users)),
  ];
}

function factsOf({
  username,
  oldNotAfter,
  newNotAfter,
  accessId,
}: DueAnnouncement): Announcement['users'][number] {
  const facts = { username, oldNotAfter, newNotAfter };
  return accessId === undefined ? facts : { ...facts, accessId };
}

/** Who hears of some users alone; whoever hears of all does not hear twice. */
function ownRecipients(
  users: readonly DueAnnouncement[],
  hearAll: ReadonlySet<string>,
): Map<string, DueAnnouncement[]> {
  const own = new Map<string, DueAnnouncement[]>();
  for (const user of users) {
    for (const address of new Set(user.recipients.map((one) => one.toLowerCase()))) {
      if (hearAll.has(address)) continue;
      const some = own.get(address);
      if (some) some.push(user);
      else own.set(address, [user]);
    }
  }
  return own;
}
