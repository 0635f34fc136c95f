import type { Kysely } from 'kysely';
import type { RecordEvent } from '../authority/audit.js';
import type { RecordedCertificate } from '../authority/certificate-store.js';
import type { Clock, Log } from '../edges.js';
import { Failure } from '../failure.js';
import type { Outbox } from '../notifications/outbox.js';
import type { Schema } from '../storage/schema.js';
import { entriesFor } from './announcement-entries.js';
import type { FindContacts, ServiceContacts } from './contact-store.js';
import { exportKeyless, exportPem } from './credential-files.js';
import type { CredentialFile } from './credential-files.js';
import { actorOf } from './find-holder.js';
import type { FindHolder } from './find-holder.js';
import { judgeFetch } from './holder-policy.js';
import type { Fetchable } from './holder-policy.js';
import type { ReadCredentials, ReadKeyless } from './read-credentials.js';
import { chooseRecipients } from './recipient-policy.js';
import type { SelfServiceStore } from './self-service-store.js';
import type { ServiceUser } from './service-user.js';

export interface FetchOrder {
  /** The one that was renewed. */
  readonly certificate: RecordedCertificate;
  /** Where the request comes from. */
  readonly address: string;
  readonly requestId: string;
}

/** The new pair as files; without a key where the holder has it already. */
export type FetchCredentials = (order: FetchOrder) => Promise<{
  readonly user: ServiceUser;
  readonly files: readonly CredentialFile[];
}>;

interface Edges {
  readonly transaction: <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
  readonly findHolder: FindHolder;
  readonly store: Pick<SelfServiceStore, 'claim'>;
  readonly readCredentials: ReadCredentials;
  readonly readKeyless: ReadKeyless;
  readonly findContacts: FindContacts;
  readonly outbox: Outbox;
  readonly recordEvent: RecordEvent;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Hands the pair of a pending renewal to the holder of the certificate that was renewed, once, and tells the recipients
 * of the service. Claim, audit event and announcement are on record together before anything leaves: an answer that is
 * lost is lost. Throws what judgeFetch throws, and Failure `state-conflict` while the service has no power.
 */
export function makeFetchCredentials(edges: Edges): FetchCredentials {
  const { transaction, findHolder, store, findContacts } = edges;
  return async (order) => {
    const { sha256 } = order.certificate;
    const user = await findHolder(order.certificate);
    const fetchable = judgeFetch(user, sha256);
    const files = await filesOf(user, edges);
    const contacts = await findContacts(user);
    if (!contacts) throw withoutPower();
    const { id } = user;
    const claim = { id, pendingId: fetchable.pending.id, oldSha256: sha256 };
    const isFirst = await transaction(async (trx) => {
      if (!(await store.claim(claim, trx))) return false;
      await tell({ ...order, user, fetchable, contacts, trx }, edges);
      return true;
    });
    if (isFirst) return { user, files };
    judgeFetch(await findHolder(order.certificate), sha256);
    throw new Failure('state-conflict', 'The user has changed meanwhile: try again.');
  };
}

/** Opened before the claim: a key that cannot be opened uses nothing up. */
async function filesOf(
  user: ServiceUser,
  { readCredentials, readKeyless }: Pick<Edges, 'readCredentials' | 'readKeyless'>,
): Promise<readonly CredentialFile[]> {
  const keyless = await readKeyless(user);
  return keyless ? exportKeyless(keyless) : exportPem(await readCredentials(user));
}

async function tell(
  fetched: FetchOrder & {
    readonly user: ServiceUser;
    readonly fetchable: Fetchable;
    readonly contacts: ServiceContacts;
    readonly trx: Kysely<Schema>;
  },
  { outbox, recordEvent, clock, log }: Edges,
): Promise<void> {
  const { certificate, address, requestId, user, fetchable, contacts, trx } = fetched;
  const { id, username, project, service, recipients: own } = user;
  const { pair, pending } = fetchable;
  const recipients = chooseRecipients(contacts);
  if (recipients.length === 0)
    log.warn({ project, service }, 'a service has no recipients for its announcements');
  const entries = entriesFor({
    kind: 'credentials-fetched',
    service: { project, service },
    recipients,
    webhooks: contacts.webhooks,
    users: [
      {
        id,
        username,
        pendingId: pending.id,
        renewedAt: pending.renewedAt,
        announceAt: pending.renewedAt,
        oldNotAfter: pending.oldNotAfter,
        newNotAfter: pair.notAfter,
        recipients: own,
      },
    ],
  });
  await outbox.add(entries, clock(), trx);
  await recordEvent(
    {
      action: 'service-user.fetched',
      actor: actorOf(certificate),
      certificate: certificate.sha256,
      requestId,
      project,
      service,
      detail: { username, address },
    },
    trx,
  );
}

function withoutPower(): Failure {
  return new Failure(
    'state-conflict',
    'The service is powered off, so nobody would hear that its credentials were fetched: power it on first.',
  );
}
