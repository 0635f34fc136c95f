import type { Announcement } from './outbox.js';
import { printable } from './printable.js';

/** What a mail says, before it is laid out. */
export interface AnnouncementWords {
  readonly subject: string;
  readonly opening: string;
  /** A line for each user, and one for those that are left out. */
  readonly users: readonly string[];
  /** What to do, each with what to type for it. */
  readonly steps: readonly Step[];
}

interface Step {
  readonly text: string;
  readonly commands: readonly string[];
}

type User = Announcement['users'][number];

/** Names beyond this are on the service's page: a mail is for reading. */
const namedUsers = 100;
const usersWithCommands = 5;

/** An announcement for people: names and times, never a secret, and no character that is not to be seen. */
export function wordsOf(announcement: Announcement): AnnouncementWords {
  const { project, service, users } = announcement;
  const left = users.length - namedUsers;
  return {
    subject: printable(subjectOf(announcement)),
    opening: printable(openingOf(announcement)),
    users: [
      ...users.slice(0, namedUsers).map(userLine),
      ...(left > 0 ? [`and ${String(left)} more`] : []),
    ],
    steps: [
      ...stepsOf(
        announcement,
        users.slice(0, usersWithCommands).map(({ username }) => ({ project, service, username })),
      ),
      ...(users.length > usersWithCommands ? [others] : []),
    ],
  };
}

const others: Step = { text: 'The commands are the same for the other users.', commands: [] };

function stepsOf({ kind }: Announcement, named: readonly Named[]): readonly Step[] {
  if (kind === 'credentials-fetched') {
    return [
      {
        text: 'If that was your client, there is nothing to do. If not, revoke what these list, and reset the credentials:',
        commands: named.flatMap(alarmCommands),
      },
    ];
  }
  const commands = named.map(commandsFor);
  return [
    {
      text: '1. Download the new certificate and its key, on the page of the service or by',
      commands: commands.map(({ download }) => download),
    },
    {
      text: '2. Take them into use in every client of that user, and restart those that read them only once.',
      commands: [],
    },
    {
      text: '3. Acknowledge it, on the page of the service or by one of these. Then these mails end.',
      commands: commands.flatMap(({ acknowledge }) => acknowledge),
    },
  ];
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
    case 'credentials-fetched':
      return `${place}: new credentials ${whose} were fetched by certificate`;
  }
}

function openingOf({ kind, project, service, users }: Announcement): string {
  const place = `the service ${service} of the project ${project}`;
  const end = utcTime(firstEnd(users));
  switch (kind) {
    case 'certificate-renewed':
      return `New certificates for users of ${place} are ready. The old ones work on to their own end, the first to ${end}. Put the new ones into use before.`;
    case 'certificate-reminder':
      return `Nobody has acknowledged yet that users of ${place} have their new certificates in use. The first of the old ones ends ${end}: whoever still uses it then is refused.`;
    case 'credentials-fetched':
      return `Somebody who holds the old certificate and key of a user of ${place} fetched the new ones, as self-service allows once.`;
  }
}

function userLine({ username, oldNotAfter, newNotAfter }: User): string {
  return printable(
    `${username}: the old certificate ends ${utcTime(oldNotAfter)}, the new one ${utcTime(newNotAfter)}`,
  );
}

interface Named {
  readonly project: string;
  readonly service: string;
  readonly username: string;
}

function alarmCommands(whom: Named): string[] {
  const { project, service, username } = whom;
  return [
    `everleaf certificate list --holder ${shellWord(`${project}/${service}/${username}`)}`,
    `everleaf user reset ${argumentsFor(whom)}`,
  ];
}

/** What to type for one user. */
function commandsFor(whom: Named): {
  readonly download: string;
  readonly acknowledge: readonly string[];
} {
  const project = shellWord(whom.project);
  const service = shellWord(whom.service);
  const username = shellWord(whom.username);
  const options = `--project ${project} --username${isHyphened(whom) ? '=' : ' '}${username} ${service}`;
  return {
    download: `avn service user-creds-download ${options}`,
    acknowledge: [
      `avn service user-creds-acknowledge ${options}`,
      `everleaf user acknowledge ${argumentsFor(whom)}`,
    ],
  };
}

/** Project, service and user for a command of everleaf. */
function argumentsFor(whom: Named): string {
  const words = [whom.project, whom.service, whom.username].map(shellWord).join(' ');
  return isHyphened(whom) ? `-- ${words}` : words;
}

/** Such a name is read as an option where nothing says that it is none. */
function isHyphened({ username }: Named): boolean {
  return username.startsWith('-');
}

function firstEnd(users: readonly User[]): number {
  return users.reduce((first, { oldNotAfter }) => Math.min(first, oldNotAfter), Infinity);
}

/** `2026-11-20 09:30 UTC` */
export function utcTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function utcDay(seconds: number): string {
  return utcTime(seconds).slice(0, 10);
}

/** One word for a POSIX shell, whatever a name holds. */
export function shellWord(name: string): string {
  const word = printable(name);
  return /^[A-Za-z0-9_.@/+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
