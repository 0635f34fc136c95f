import { setImmediate } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Clock, Log } from '../edges.js';
import type { Announcement, Outbox } from '../notifications/outbox.js';
import type { Schema } from '../storage/schema.js';
import { entriesFor } from './announcement-entries.js';
import type { AnnouncementStore, DueAnnouncement, ServiceName } from './announcement-store.js';
import { isReminderDue, nextLook } from './cadence-policy.js';
import type { Cadence } from './cadence-policy.js';
import type { FindContacts } from './contact-store.js';
import { chooseRecipients } from './recipient-policy.js';
import { hasCertificates } from './service.js';

/** Announces what is due of every service; `mayGoOn` is asked before each one. Gives how many services it told of. */
export type AnnounceRenewals = (mayGoOn: () => Promise<boolean>) => Promise<number>;

interface Edges {
  readonly transaction: <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
  readonly store: AnnouncementStore;
  readonly findContacts: FindContacts;
  readonly outbox: Outbox;
  readonly reminders: Cadence;
  readonly clock: Clock;
  readonly log: Log;
}

const servicesOnAPage = 50;

/**
 * Tells the recipients of each service which of its users were renewed and which renewals nobody has acknowledged: one
 * announcement per service and recipient, naming all users that are due. The slot of each user is claimed in the
 * transaction that fills the outbox, so none is lost and none told twice, whoever dies or runs beside.
 */
export function makeAnnounceRenewals(edges: Edges): AnnounceRenewals {
  const { store, clock } = edges;
  return async (mayGoOn) => {
    let told = 0;
    let after: ServiceName | undefined;
    for (;;) {
      const page = await store.listServices({ now: clock(), after, limit: servicesOnAPage });
      for (const service of page) {
        if (!(await mayGoOn())) return told;
        if (await announceService(edges, service)) told += 1;
        await setImmediate(); // as between the pages of a renewal pass
      }
      after = page.at(-1);
      if (!after) return told;
    }
  };
}

/** Nothing is claimed of a service without power or certificates: it is told of when it has them again. */
async function announceService(edges: Edges, service: ServiceName): Promise<boolean> {
  const { transaction, store, findContacts, outbox, reminders, clock, log } = edges;
  const contacts = await findContacts(service);
  if (!contacts || !hasCertificates({ ...contacts.service, type: contacts.type })) return false;
  const now = clock();
  const due = await store.listDue(service, now);
  const recipients = chooseRecipients(contacts);
  const { webhooks } = contacts;
  const { entries, isUnheard } = await transaction(async (trx) => {
    const claimed = await claimSlots(store, { due, now }, trx);
    const tellings = kinds.map((kind) => ({
      kind,
      users: claimed.filter((one) => kindOf(one, now, reminders) === kind),
    }));
    const added = tellings.flatMap((telling) =>
      entriesFor({ ...telling, service, recipients, webhooks }),
    );
    await outbox.add(added, now, trx);
    const isTold = tellings.some(({ users }) => users.length > 0);
    return { entries: added, isUnheard: isTold && recipients.length === 0 };
  });
  if (isUnheard) log.warn(service, 'a service has no recipients for its announcements');
  return entries.length > 0;
}

const kinds = ['certificate-renewed', 'certificate-reminder'] as const;

/**
 * Nobody is reminded of a certificate that has ended; that it was renewed is told even then. A look at which
 * no reminder has come due passes in silence.
 */
function kindOf(
  { announceAt, renewedAt, oldNotAfter }: DueAnnouncement,
  now: number,
  reminders: Cadence,
): Announcement['kind'] | undefined {
  if (announceAt === renewedAt) return 'certificate-renewed';
  const isDue = isReminderDue(reminders, { oldNotAfter, since: announceAt, now });
  return isDue ? 'certificate-reminder' : undefined;
}

/** Users who are looked at again at the same time are claimed together. */
async function claimSlots(
  store: AnnouncementStore,
  { due, now }: { readonly due: readonly DueAnnouncement[]; readonly now: number },
  trx: Kysely<Schema>,
): Promise<DueAnnouncement[]> {
  const byNext = new Map<number | undefined, DueAnnouncement[]>();
  for (const one of due) {
    const next = nextLook({ oldNotAfter: one.oldNotAfter, now });
    const some = byNext.get(next);
    if (some) some.push(one);
    else byNext.set(next, [one]);
  }
  const claimed = new Set<string>();
  for (const [next, some] of byNext)
    for (const id of await store.claim({ due: some, now, next }, trx)) claimed.add(id);
  return due.filter(({ id }) => claimed.has(id));
}
