import { createTransport } from 'nodemailer';
import { codeOf } from '../storage/error-fields.js';
import { DeliveryFault } from './deliver-announcements.js';
import type { Mailer } from './send-mail.js';

/** A mail server and what it is told of the sender. */
export interface SmtpSettings {
  readonly host: string;
  /** undefined: 587, with TLS from the start 465. */
  readonly port: number | undefined;
  /** TLS from the start (RFC 8314 3.3); else by STARTTLS where the server has it. */
  readonly hasTls: boolean;
  readonly credentials: { readonly user: string; readonly pass: string } | undefined;
  readonly from: { readonly name: string; readonly address: string };
}

const waitMs = 10_000;

/**
 * Mail by SMTP, a connection for each message. A password goes over TLS alone, but to this machine. `deadlineMs`: for
 * one message as a whole, however slowly the server answers.
 */
export function makeSmtpMailer(
  { host, port, hasTls, credentials, from }: SmtpSettings,
  { deadlineMs }: { readonly deadlineMs: number },
): Mailer {
  const transport = createTransport({
    host,
    port,
    secure: hasTls,
    requireTLS: credentials !== undefined && !isThisMachine(host),
    auth: credentials,
    connectionTimeout: waitMs,
    greetingTimeout: waitMs,
    dnsTimeout: waitMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1);
  return async ({ recipient, subject, text, html, id, date }, signal) => {
    const deadline = AbortSignal.timeout(deadlineMs);
    try {
      await transport.sendMail({
        from,
        // As an object it is one address, whatever its characters.
        to: { name: '', address: recipient },
        subject,
        text,
        html,
        messageId: `<${id}@${domain}>`,
        date: new Date(date * 1000),
        // RFC 3834 5: nobody's absence answers it.
        headers: { 'Auto-Submitted': 'auto-generated' },
        signal: AbortSignal.any([signal, deadline]),
      });
    } catch (cause) {
      const words = deadline.aborted ? 'the mail server did not answer in time' : wordsFor(cause);
      throw new DeliveryFault(words, { cause });
    }
  };
}

/** The codes alone: what a server says back may repeat what it was sent. */
function wordsFor(error: unknown): string {
  const code = codeOf(error) || 'fault';
  const status = numberOf(error, 'responseCode');
  return `the mail server refused it or could not be reached (${code}${status})`;
}

function numberOf(error: unknown, field: string): string {
  if (typeof error !== 'object' || error === null) return '';
  const value: unknown = Reflect.get(error, field);
  return typeof value === 'number' ? ` ${String(value)}` : '';
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.[0-9]{1,3}){3}$/.test(host);
}
