import { commandsFor } from './announcement-commands.js';
import type { Named } from './announcement-commands.js';
import type { LetterWords, Step } from './letter-layout.js';
import { utcDay, utcTime } from './letter-text.js';
import type { Announcement } from './outbox.js';

type User = Announcement['users'][number];

/** Names beyond this are on the service's page: a mail is for reading. */
const namedUsers = 100;
const usersWithCommands = 5;

/** An announcement for people: names and times, never a secret; for a link to the page of the service. */
export function announcementWords(announcement: Announcement): LetterWords {
  const { users } = announcement;
  const left = users.length - namedUsers;
  return {
    subject: subjectOf(announcement),
    opening: openingOf(announcement),
    lines: [
      ...users.slice(0, namedUsers).map(userLine),
      ...(left > 0 ? [`and ${String(left)} more`] : []),
    ],
    steps: stepsOf(announcement),
    page: 'The page of the service:',
  };
}

function stepsOf({ kind, project, service, users }: Announcement): readonly Step[] {
  const place = { project, service };
  if (kind === 'credentials-fetched') {
    return stepsFor(users, place, (named) => [
      {
        text: 'If that was your client, there is nothing to do. If not, revoke what these list, and reset the credentials:',
        commands: named.flatMap((one) => commandsFor(one).alarm),
      },
    ]);
  }
  return [
    ...stepsFor(users.filter(isFree), place, renewalSteps),
    ...stepsFor(users.filter(isGoverned), place, rotationSteps),
  ];
}

function stepsFor(
  users: readonly User[],
  place: Pick<Named, 'project' | 'service'>,
  steps: (named: readonly Named[]) => readonly Step[],
): readonly Step[] {
  if (users.length === 0) return [];
  const named = users.slice(0, usersWithCommands).map((user) => ({ ...place, ...user }));
  const others = { text: 'The commands are the same for the other users.', commands: [] };
  return [...steps(named), ...(users.length > usersWithCommands ? [others] : [])];
}

function renewalSteps(named: readonly Named[]): readonly Step[] {
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

/** Nobody sees the new pair of a user that a group owns: a reveal makes another one, and ends the renewal. */
function rotationSteps(named: readonly Named[]): readonly Step[] {
  const whose = named.map(({ username }) => username).join(', ');
  return [
    {
      text: `A group owns ${whose}: a new pair is shown after a rotation alone, so there is nothing to download. A member of the group asks for one, and another member approves it:`,
      commands: named.map((one) => commandsFor(one).rotate),
    },
    {
      text: 'Whoever asked reveals the new credentials, once, and takes them into use in every client. Then these mails end.',
      commands: [],
    },
  ];
}

function subjectOf({ kind, project, service, users }: Announcement): string {
  const place = `${project}/${service}`;
  const whose =
    users.length === 1 ? `of ${users[0]?.username ?? ''}` : `of ${String(users.length)} users`;
  switch (kind) {
    case 'certificate-renewed':
      return users.some(isFree)
        ? `${place}: new certificate ${whose} is ready`
        : `${place}: certificate ${whose} needs a rotation`;
    case 'certificate-reminder':
      return `${place}: certificate ${whose} ends ${utcDay(firstEnd(users))}`;
    case 'credentials-fetched':
      return `${place}: new credentials ${whose} were fetched by certificate`;
  }
}

function openingOf({ kind, project, service, users }: Announcement): string {
  const place = `the service ${service} of the project ${project}`;
  const end = utcTime(firstEnd(users));
  if (users.every(isGoverned))
    return `Certificates of users of ${place} come to their end, the first on ${end}: whoever still uses it then is refused. Have the credentials of these users rotated before.`;
  switch (kind) {
    case 'certificate-renewed':
      return `New certificates for users of ${place} are ready. The old ones work on to their own end, the first to ${end}. Put the new ones into use before.`;
    case 'certificate-reminder':
      return `Nobody has acknowledged yet that users of ${place} have their new certificates in use. The first of the old ones ends ${end}: whoever still uses it then is refused.`;
    case 'credentials-fetched':
      return `Somebody who holds the old certificate and key of a user of ${place} fetched the new ones, as self-service allows once.`;
  }
}

function userLine(user: User): string {
  const old = `${user.username}: the old certificate ends ${utcTime(user.oldNotAfter)}`;
  return isFree(user)
    ? `${old}, the new one ${utcTime(user.newNotAfter)}`
    : `${old}, and a rotation makes the new one`;
}

function isFree({ accessId }: User): boolean {
  return accessId === undefined;
}

function isGoverned(user: User): boolean {
  return !isFree(user);
}

function firstEnd(users: readonly User[]): number {
  return users.reduce((first, { oldNotAfter }) => Math.min(first, oldNotAfter), Infinity);
}
