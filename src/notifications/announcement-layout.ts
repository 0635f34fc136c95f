import { wordsOf } from './announcement-words.js';
import type { AnnouncementWords } from './announcement-words.js';
import type { Announcement } from './outbox.js';

/** A mail before it has a recipient. */
export interface Letter {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** An announcement as text and as HTML; `consoleUrl` is the page of its service. */
export function layOut(announcement: Announcement, consoleUrl: string): Letter {
  const words = wordsOf(announcement);
  return {
    subject: words.subject,
    text: textOf(words, consoleUrl),
    html: htmlOf(words, consoleUrl),
  };
}

const steps = {
  download: '1. Download the new certificate and its key, on the page of the service or by',
  use: '2. Take them into use in every client of that user, and restart those that read them only once.',
  acknowledge:
    '3. Acknowledge it, on the page of the service or by one of these. Then these mails end.',
  others: 'The commands are the same for the other users.',
  page: 'The page of the service:',
};

function textOf(
  { opening, users, hasOthers, commands }: AnnouncementWords,
  consoleUrl: string,
): string {
  const lines = [
    opening,
    '',
    ...users.map((line) => `- ${line}`),
    '',
    steps.download,
    ...commands.map(({ download }) => `   ${download}`),
    steps.use,
    steps.acknowledge,
    ...commands.flatMap(({ acknowledge }) => acknowledge.map((line) => `   ${line}`)),
    ...(hasOthers ? [steps.others] : []),
    '',
    `${steps.page} ${consoleUrl}`,
  ];
  return `${lines.join('\n')}\n`;
}

function htmlOf(
  { opening, users, hasOthers, commands }: AnnouncementWords,
  consoleUrl: string,
): string {
  const paragraph = (text: string): string => `<p>${escaped(text)}</p>`;
  const code = (lines: readonly string[]): string => `<pre>${escaped(lines.join('\n'))}</pre>`;
  const url = escaped(consoleUrl);
  return [
    '<!DOCTYPE html><html lang="en"><body>',
    paragraph(opening),
    `<ul>${users.map((item) => `<li>${escaped(item)}</li>`).join('')}</ul>`,
    paragraph(steps.download),
    code(commands.map(({ download }) => download)),
    paragraph(steps.use),
    paragraph(steps.acknowledge),
    code(commands.flatMap(({ acknowledge }) => acknowledge)),
    ...(hasOthers ? [paragraph(steps.others)] : []),
    `<p>${escaped(steps.page)} <a href="${url}">${url}</a></p>`,
    '</body></html>',
  ].join('\n');
}

/** Text as it stands in HTML. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
