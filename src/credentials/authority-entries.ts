import type { RecordedAuthority } from '../authority/authority.js';
import type { OutboxEntry } from '../notifications/outbox.js';

/** The announcement of a project's next CA, once for each recipient and webhook. */
export function authorityEntries({
  project,
  next: { id, certificate, nextStepAt },
  recipients,
  webhooks,
}: {
  readonly project: string;
  readonly next: Pick<RecordedAuthority, 'id' | 'certificate' | 'nextStepAt'>;
  readonly recipients: readonly string[];
  readonly webhooks: readonly string[];
}): OutboxEntry[] {
  const { sha256, notAfter } = certificate;
  const announcement = {
    kind: 'authority-prepared',
    project,
    service: '',
    authority: { id, sha256, notAfter, activateAt: nextStepAt },
  } as const;
  const entry =
    (channel: OutboxEntry['channel']) =>
    (recipient: string): OutboxEntry => ({
      dedupeKey: `authority-prepared ${id} ${channel} ${recipient}`,
      channel,
      recipient,
      announcement,
    });
  return [...recipients.map(entry('mail')), ...webhooks.map(entry('webhook'))];
}
