import type { Clock, Log } from '../edges.js';
import { announcementWords } from './announcement-words.js';
import { authorityWords } from './authority-words.js';
import type { Send } from './deliver-announcements.js';
import { layOut } from './letter-layout.js';
import type { Letter, LetterWords } from './letter-layout.js';
import type { OutboxEntry } from './outbox.js';
import { outboxId } from './outbox-store.js';
import { rotationWords } from './rotation-words.js';

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
  readonly consoleUrlOf: (announcement: OutboxEntry['announcement']) => string;
  readonly clock: Clock;
}): Send {
  return async ({ dedupeKey, recipient, announcement }, signal) => {
    const letter = layOut(wordsOf(announcement), edges.consoleUrlOf(announcement));
    const mail = { ...letter, recipient, id: outboxId(dedupeKey), date: edges.clock() };
    await edges.mailer(mail, signal);
  };
}

function wordsOf(announcement: OutboxEntry['announcement']): LetterWords {
  if ('rotation' in announcement) return rotationWords(announcement);
  if ('authority' in announcement) return authorityWords(announcement);
  return announcementWords(announcement);
}

/** Where no mail server is set: the log, and nothing but the subject. */
export function makeLogMailer(log: Log): Mailer {
  return ({ subject }) => {
    log.info({ subject }, 'a mail was not sent: EVERLEAF_SMTP_URL is not set');
    return Promise.resolve();
  };
}
