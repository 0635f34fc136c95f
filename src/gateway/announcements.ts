import type { Config } from '../config.js';
import { makeStillPending } from '../credentials/still-pending.js';
import type { Log } from '../edges.js';
import { makeStillWaiting } from '../governance/still-waiting.js';
import { makeDeliverDue } from '../notifications/deliver-announcements.js';
import { keepDelivering } from '../notifications/keep-delivering.js';
import type { KeptDeliveries } from '../notifications/keep-delivering.js';
import type { OutboxEntry } from '../notifications/outbox.js';
import { makeOutboxStore } from '../notifications/outbox-store.js';
import { makePostJson } from '../notifications/post-json.js';
import { makeIsPublicAddress } from '../notifications/public-address.js';
import { makeLogMailer, makeSendMail } from '../notifications/send-mail.js';
import type { Mailer } from '../notifications/send-mail.js';
import { makeSendWebhook } from '../notifications/send-webhook.js';
import { makeWebhookStore } from '../notifications/webhook-store.js';
import type { WebhookRules } from '../notifications/webhook-url.js';
import type { Foundation } from './foundation.js';
import type { GatewayUrls } from './urls.js';

/** For one mail, and one webhook, as a whole; both are shorter than a claim. */
const mailDeadline = { deadlineMs: 60_000 };
const webhookDeadline = { deadlineMs: 10_000 };

/** Begins to bring what stands in the outbox to its recipients. */
export async function keepAnnouncements(
  { config, database, masterKey, metrics, clock, log }: Foundation,
  urls: GatewayUrls,
): Promise<KeptDeliveries> {
  const { db } = database;
  const isStillPending = makeStillPending(db, clock);
  const isStillWaiting = makeStillWaiting(db, clock);
  const shared = {
    outbox: makeOutboxStore(db),
    stillPending: (announcement: OutboxEntry['announcement']) =>
      'rotation' in announcement ? isStillWaiting(announcement) : isStillPending(announcement),
    clock,
    log,
    count: metrics.countAnnouncement,
  };
  const consoleUrlOf = makeConsoleUrl(urls);
  const sendMail = makeSendMail({ mailer: await makeMailer(config, log), consoleUrlOf, clock });
  const sendWebhook = makeSendWebhook({
    webhooks: makeWebhookStore(db),
    sealing: masterKey,
    post: makePostJson(webhookRules(config), webhookDeadline),
    consoleUrlOf,
    clock,
  });
  return keepDelivering({
    channels: [
      makeDeliverDue({ ...shared, channel: 'mail', send: sendMail }),
      makeDeliverDue({ ...shared, channel: 'webhook', send: sendWebhook }),
    ],
    clock,
    log,
  });
}

/** Where webhooks may lead. */
export function webhookRules({ webhooks }: Pick<Config, 'webhooks'>): WebhookRules {
  return { allowsPrivate: webhooks.allowPrivate, isPublic: makeIsPublicAddress() };
}

/** nodemailer takes memory that a gateway without a mail server has no use for. */
async function makeMailer({ mail }: Config, log: Log): Promise<Mailer> {
  if (mail.smtp === undefined || mail.from === undefined) return makeLogMailer(log);
  const { makeSmtpMailer } = await import('../notifications/smtp-mailer.js');
  return makeSmtpMailer({ ...mail.smtp, from: mail.from }, mailDeadline);
}

function makeConsoleUrl({ admin }: GatewayUrls) {
  return (announcement: OutboxEntry['announcement']): string => {
    if ('rotation' in announcement) {
      const { organizationId, accessId, id } = announcement.rotation;
      const [organization, access, rotation] = [organizationId, accessId, id].map(
        encodeURIComponent,
      );
      return `${admin}/governance/${organization}/access/${access}/rotations/${rotation}`;
    }
    const { project, service } = announcement;
    const page = `${admin}/projects/${encodeURIComponent(project)}`;
    return service === '' ? page : `${page}/services/${encodeURIComponent(service)}`;
  };
}
