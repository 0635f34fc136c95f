import type { Announcement } from './outbox.js';
import { printable } from './printable.js';

/** What a mail says, before it is laid out. */
export interface AnnouncementWords {
  readonly subject: string;
  readonly opening: string;
  /** A line for each user, and one for those that are left out. */
  readonly users: readonly string[];
  readonly hasOthers: boolean;
  readonly commands: readonly Commands[];
}

/** What to type for one user. */
interface Commands {
  readonly download: string;
  readonly acknowledge: readonly string[];
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
    hasOthers: users.length > usersWithCommands,
    commands: users
      .slice(0, usersWithCommands)
      .map(({ username }) => commandsFor({ project, service, username })),
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
      return `New certificates for users of ${place} are ready. The old ones work on to their own end, the first to ${end}. Put the new ones into use before.`;
    case 'certificate-reminder':
      return `Nobody has acknowledged yet that users of ${place} have their new certificates in use. The first of the old ones ends ${end}: whoever still uses it then is refused.`;
  }
}

function userLine({ username, oldNotAfter, newNotAfter }: User): string {
  return printable(
    `${username}: the old certificate ends ${utcTime(oldNotAfter)}, the new one ${utcTime(newNotAfter)}`,
  );
}

function commandsFor(whom: {
  readonly project: string;
  readonly service: string;
  readonly username: string;
}): Commands {
  const project = shellWord(whom.project);
  const service = shellWord(whom.service);
  const username = shellWord(whom.username);
  // A name that begins with a hyphen is read as an option where nothing says that it is none.
  const isHyphened = whom.username.startsWith('-');
  const options = `--project ${project} --username${isHyphened ? '=' : ' '}${username} ${service}`;
  const names = `${isHyphened ? '-- ' : ''}${project} ${service} ${username}`;
  return {
    download: `avn service user-creds-download ${options}`,
    acknowledge: [
      `avn service user-creds-acknowledge ${options}`,
      `everleaf user acknowledge ${names}`,
    ],
  };
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
  return /^[A-Za-z0-9_.@/+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
