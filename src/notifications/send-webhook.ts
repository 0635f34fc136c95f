import type { Clock } from '../edges.js';
import { isoTime } from '../iso-time.js';
import type { Sealing } from '../storage/sealing.js';
import { DeliveryFault } from './deliver-announcements.js';
import type { Send } from './deliver-announcements.js';
import type { AuthorityAnnouncement, OutboxEntry, RotationAnnouncement } from './outbox.js';
import type { ClaimedEntry } from './outbox-store.js';
import { outboxId } from './outbox-store.js';
import type { PostJson } from './post-json.js';
import { signWebhook } from './webhook-signature.js';
import { webhookSecretPlace } from './webhook-store.js';
import type { WebhookStore } from './webhook-store.js';

const eventTypes = {
  'certificate-renewed': 'service_user.certificate_renewed',
  'certificate-reminder': 'service_user.certificate_reminder',
  'authority-prepared': 'project.ca_prepared',
  'credentials-fetched': 'service_user.credentials_fetched',
  'rotation-requested': 'governance.rotation_requested',
  'rotation-deleted': 'governance.rotation_deleted',
  'rotation-declined': 'governance.rotation_declined',
  'rotation-approved': 'governance.rotation_approved',
  'rotation-failed': 'governance.rotation_failed',
  'rotation-lapsed': 'governance.rotation_lapsed',
  'credentials-ready': 'governance.credentials_ready',
  'credentials-revealed': 'governance.credentials_revealed',
  'credentials-lapsed': 'governance.credentials_lapsed',
} as const satisfies Record<OutboxEntry['announcement']['kind'], string>;

/** An entry of the outbox as a POST that is signed by Standard Webhooks. */
export function makeSendWebhook(edges: {
  readonly webhooks: Pick<WebhookStore, 'find'>;
  readonly sealing: Pick<Sealing, 'unseal'>;
  readonly post: PostJson;
  readonly consoleUrlOf: (announcement: OutboxEntry['announcement']) => string;
  readonly clock: Clock;
}): Send {
  const { webhooks, sealing, post, consoleUrlOf, clock } = edges;
  return async (entry, signal) => {
    const webhook = await webhooks.find(entry.recipient);
    if (webhook?.project !== entry.announcement.project)
      throw new DeliveryFault('the webhook has been removed');
    const secret = Buffer.from(
      sealing.unseal(webhook.sealedSecret, webhookSecretPlace(webhook.id)),
    ).toString('utf8');
    const body = JSON.stringify(bodyOf(entry, consoleUrlOf(entry.announcement)));
    const id = outboxId(entry.dedupeKey);
    const headers = signWebhook({ secret, id, timestamp: clock(), body });
    await post({ url: webhook.url, headers, body }, signal);
  };
}

function bodyOf({ announcement, createdAt }: ClaimedEntry, consoleUrl: string): object {
  const head = { type: eventTypes[announcement.kind], timestamp: isoTime(createdAt) };
  if (announcement.kind === 'authority-prepared')
    return { ...head, data: authorityData(announcement, consoleUrl) };
  if ('rotation' in announcement) return { ...head, data: rotationData(announcement, consoleUrl) };
  const { project, service, users } = announcement;
  return {
    ...head,
    data: {
      project,
      service,
      users: users.map(({ username, oldNotAfter, newNotAfter, accessId }) => ({
        username,
        expiring_cert_not_valid_after_time: isoTime(oldNotAfter),
        access_cert_not_valid_after_time: isoTime(newNotAfter),
        ...(accessId === undefined ? {} : { governance_access_id: accessId }),
      })),
      console_url: consoleUrl,
    },
  };
}

function authorityData(
  { project, authority: { sha256, notAfter, activateAt } }: AuthorityAnnouncement,
  consoleUrl: string,
): object {
  return {
    project,
    ca_sha256: sha256,
    ca_not_valid_after_time: isoTime(notAfter),
    activation_time: activateAt === null ? null : isoTime(activateAt),
    console_url: consoleUrl,
  };
}

/** Facts alone: what people wrote of it is for those who may decide, not for everybody behind a webhook. */
function rotationData(
  { project, service, rotation }: RotationAnnouncement,
  consoleUrl: string,
): object {
  return {
    project,
    service,
    username: rotation.username,
    organization_id: rotation.organizationId,
    access_id: rotation.accessId,
    access_name: rotation.accessName,
    owner_user_group_name: rotation.groupName,
    rotation_id: rotation.id,
    requester_email: rotation.requester,
    decided_by_email: rotation.decider,
    failure: rotation.failure,
    revoke_old: rotation.revokeOld,
    lapse_time: rotation.until === null ? null : isoTime(rotation.until),
    console_url: consoleUrl,
  };
}
