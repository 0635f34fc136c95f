import type { Announcement } from './outbox.js';

/** A mail before it has a recipient. */
export interface Words {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

type User = Announcement['users'][number];

/** Names beyond this are on the service's page: a mail is for reading. */
const namedUsers = 100;
const usersWithCommands = 5;

/** An announcement for people; `consoleUrl` is the page of its service. Holds names and times, never a secret. */
export function wordsOf(announcement: Announcement, consoleUrl: string): Words {
  const { project, service, users } = announcement;
  const sections = {
    opening: openingOf(announcement),
    users: users.slice(0, namedUsers).map(userLine),
    more: users.length > namedUsers ? `and ${String(users.length - namedUsers)} more` : undefined,
    commands: users
      .slice(0, usersWithCommands)
      .map((user) => commandsFor({ project, service, user })),
    consoleUrl,
  };
  return {
    subject: printable(subjectOf(announcement)),
    text: textOf(sections),
    html: htmlOf(sections),
  };
}

function subjectOf({ kind, project, service, users }: Announcement): string {
  const place = `${project}/${service}`;
  const whose =
    users.length === 1 ? `of ${users[0]?.username ?? ''}` : `of ${String(users.length)} users`;
  switch (kind) {
    case 'certificate-renewed':
      return `${place}: new certificate ${whose} is ready`;
    case 'certificate-reminder':
      return `${place}: certificate ${whose} ends ${utcDay(firstEnd(users))}`;
  }
}

function openingOf({ kind, project, service, users }: Announcement): string {
  const place = `the service ${service} of the project ${project}`;
  const end = utcTime(firstEnd(users));
  switch (kind) {
    case 'certificate-renewed':
      return printable(
        `New certificates for users of ${place} are ready. The old ones work on to their own end, the first to ${end}. Put the new ones into use before.`,
      );
    case 'certificate-reminder':
      return printable(
        `Nobody has acknowledged yet that users of ${place} have their new certificates in use. The first of the old ones ends ${end}: whoever still uses it then is refused.`,
      );
  }
}

function userLine({ username, oldNotAfter, newNotAfter }: User): string {
  return printable(
    `${username}: the old certificate ends ${utcTime(oldNotAfter)}, the new one ${utcTime(newNotAfter)}`,
  );
}

interface Commands {
  readonly download: string;
  readonly acknowledge: readonly string[];
}

function commandsFor(whom: {
  readonly project: string;
  readonly service: string;
  readonly user: User;
}): Commands {
  const [project, service, username] = [whom.project, whom.service, whom.user.username].map(
    shellWord,
  ) as [string, string, string]; // map keeps the length
  const options = `--project ${project} --username ${username} ${service}`;
  return {
    download: `avn service user-creds-download ${options}`,
    acknowledge: [
      `avn service user-creds-acknowledge ${options}`,
      `everleaf user acknowledge ${project} ${service} ${username}`,
    ],
  };
}

interface Sections {
  readonly opening: string;
  readonly users: readonly string[];
  readonly more: string | undefined;
  readonly commands: readonly Commands[];
  readonly consoleUrl: string;
}

const steps = {
  download: '1. Download the new certificate and its key, on the page of the service or by',
  use: '2. Take them into use in every client of that user, and restart those that read them only once.',
  acknowledge:
    '3. Acknowledge it, on the page of the service or by one of these. Then these mails end.',
  others: 'The commands are the same for the other users.',
  page: 'The page of the service:',
};

function textOf({ opening, users, more, commands, consoleUrl }: Sections): string {
  const lines = [
    opening,
    '',
    ...[...users, ...(more === undefined ? [] : [more])].map((line) => `- ${line}`),
    '',
    steps.download,
    ...commands.map(({ download }) => `   ${download}`),
    steps.use,
    steps.acknowledge,
    ...commands.flatMap(({ acknowledge }) => acknowledge.map((line) => `   ${line}`)),
    ...(users.length > commands.length ? [steps.others] : []),
    '',
    `${steps.page} ${consoleUrl}`,
  ];
  return `${lines.join('\n')}\n`;
}

function htmlOf({ opening, users, more, commands, consoleUrl }: Sections): string {
  const paragraph = (text: string): string => `<p>${escaped(text)}</p>`;
  const code = (lines: readonly string[]): string => `<pre>${escaped(lines.join('\n'))}</pre>`;
  const items = [...users, ...(more === undefined ? [] : [more])];
  const url = escaped(consoleUrl);
  return [
    '<!DOCTYPE html><html lang="en"><body>',
    paragraph(opening),
    `<ul>${items.map((item) => `<li>${escaped(item)}</li>`).join('')}</ul>`,
    paragraph(steps.download),
    code(commands.map(({ download }) => download)),
    paragraph(steps.use),
    paragraph(steps.acknowledge),
    code(commands.flatMap(({ acknowledge }) => acknowledge)),
    ...(users.length > commands.length ? [paragraph(steps.others)] : []),
    `<p>${escaped(steps.page)} <a href="${url}">${url}</a></p>`,
    '</body></html>',
  ].join('\n');
}

function firstEnd(users: readonly User[]): number {
  return users.reduce((first, { oldNotAfter }) => Math.min(first, oldNotAfter), Infinity);
}

/** `2026-11-20 09:30 UTC` */
function utcTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function utcDay(seconds: number): string {
  return utcTime(seconds).slice(0, 10);
}

/** One word for a POSIX shell, whatever a name holds. */
function shellWord(name: string): string {
  const word = printable(name);
  return /^[A-Za-z0-9_.@/+-]+$/.test(word) && !word.startsWith('-')
    ? word
    : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Control characters and those that turn the direction of text could make a line say something else. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\u{fffd}');
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
