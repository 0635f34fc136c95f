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

const page = 'The page of the service:';

function textOf({ opening, users, steps }: AnnouncementWords, consoleUrl: string): string {
  const lines = [
    opening,
    '',
    ...users.map((line) => `- ${line}`),
    '',
    ...steps.flatMap(({ text, commands }) => [text, ...commands.map((line) => `   ${line}`)]),
    '',
    `${page} ${consoleUrl}`,
  ];
  return `${lines.join('\n')}\n`;
}

function htmlOf({ opening, users, steps }: AnnouncementWords, consoleUrl: string): string {
  const paragraph = (text: string): string => `<p>${escaped(text)}</p>`;
  const code = (lines: readonly string[]): string => `<pre>${escaped(lines.join('\n'))}</pre>`;
  const url = escaped(consoleUrl);
  return [
    '<!DOCTYPE html><html lang="en"><body>',
    paragraph(opening),
    `<ul>${users.map((item) => `<li>${escaped(item)}</li>`).join('')}</ul>`,
    ...steps.flatMap(({ text, commands }) => [
      paragraph(text),
      ...(commands.length > 0 ? [code(commands)] : []),
    ]),
    `<p>${escaped(page)} <a href="${url}">${url}</a></p>`,
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
