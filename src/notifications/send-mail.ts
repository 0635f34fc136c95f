import type { Clock, Log } from '../edges.js';
import { layOut } from './announcement-layout.js';
import type { Letter } from './announcement-layout.js';
import { authorityLetter } from './authority-letter.js';
import { rotationLetter } from './rotation-letter.js';
import type { Send } from './deliver-announcements.js';
import { outboxId } from './outbox-store.js';

/** One message to one recipient. */
export interface Mail extends Letter {
  readonly recipient: string;
  /** Equal ids are one message: a mail server or reader may drop the second. */
  readonly id: string;
  /** Seconds UTC. */
  readonly date: number;
}

/** Hands a mail over to whoever delivers it; throws a DeliveryFault where that does not take it. */
export type Mailer = (mail: Mail, signal: AbortSignal) => Promise<void>;

/** An entry of the outbox as a mail. */
export function makeSendMail(edges: {
  readonly mailer: Mailer;
  readonly consoleUrlOf: (service: { project: string; service: string }) => string;
  readonly clock: Clock;
}): Send {
  return async ({ dedupeKey, recipient, announcement }, signal) => {
    const consoleUrl = edges.consoleUrlOf(announcement);
    const letter =
      announcement.kind === 'authority-prepared'
        ? authorityLetter(announcement, consoleUrl)
        : 'rotation' in announcement
          ? rotationLetter(announcement, consoleUrl)
          : layOut(announcement, consoleUrl);
    const mail = { ...letter, recipient, id: outboxId(dedupeKey), date: edges.clock() };
    await edges.mailer(mail, signal);
  };
}

/** Where no mail server is set: the log, and nothing but the subject. */
export function makeLogMailer(log: Log): Mailer {
  return ({ subject }) => {
    log.info({ subject }, 'a mail was not sent: EVERLEAF_SMTP_URL is not set');
    return Promise.resolve();
  };
}
