import { makeOutboxReview } from '../notifications/outbox-review.js';
import type { OutboxSummary } from '../notifications/outbox-review.js';
import { makeRetryAnnouncement } from '../notifications/retry-announcement.js';
import type { OutboxState } from '../notifications/outbox-store.js';
import type { Command } from './context.js';
import { withDatabase } from './open-record.js';
import { formatTable, formatTime, rfc3339 } from './output.js';

/** `everleaf announcement list` */
export const listAnnouncementsCommand: Command<{
  state: OutboxState | undefined;
  limit: number;
}> = async ({ config, clock, output }, filter) => {
  const entries = await withDatabase(config, clock, ({ db }) => makeOutboxReview(db).list(filter));
  output.show({
    value: entries.map(describe),
    text: formatTable(
      ['ID', 'STATE', 'KIND', 'CHANNEL', 'RECIPIENT', 'SERVICE', 'CREATED', 'TRIES', 'WHAT NOW'],
      entries.map((entry) => [
        entry.id.slice(0, 12),
        entry.state,
        entry.kind,
        entry.channel,
        entry.recipient,
        entry.service === '' ? entry.project : `${entry.project}/${entry.service}`,
        formatTime(entry.createdAt),
        String(entry.attempts),
        whatNow(entry),
      ]),
    ),
  });
};

/** `everleaf announcement retry ID` */
export const retryAnnouncementCommand: Command<{ id: string }> = async (
  { config, clock, output, actor },
  { id },
) => {
  const entry = await withDatabase(config, clock, ({ db }, stores) => {
    const { transaction, recordEvent } = stores;
    const edges = { outbox: makeOutboxReview(db), transaction, recordEvent, clock };
    return makeRetryAnnouncement(edges)({ id, actor });
  });
  output.show({
    value: { id: entry.id, state: 'waiting' },
    text: `The announcement ${entry.id.slice(0, 12)} leaves within seconds, while a gateway runs.`,
  });
};

function whatNow({ state, sentAt, nextAttemptAt, lastError }: OutboxSummary): string {
  switch (state) {
    case 'sent':
      return `sent ${formatTime(sentAt)}`;
    case 'withdrawn':
      return 'over before it could be sent';
    case 'dead':
      return `given up: ${lastError ?? '-'}`;
    case 'waiting':
      return `next try ${formatTime(nextAttemptAt)}${lastError === null ? '' : `: ${lastError}`}`;
  }
}

function describe(entry: OutboxSummary): object {
  return {
    id: entry.id,
    state: entry.state,
    kind: entry.kind,
    channel: entry.channel,
    recipient: entry.recipient,
    project: entry.project,
    service: entry.service,
    createdAt: rfc3339(entry.createdAt),
    attempts: entry.attempts,
    nextAttemptAt: entry.state === 'waiting' ? rfc3339(entry.nextAttemptAt) : null,
    sentAt: rfc3339(entry.sentAt),
    lastError: entry.lastError,
  };
}
