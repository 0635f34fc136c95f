import type { Kysely } from 'kysely';
import { purposeOfProject } from '../authority/hold-authorities.js';
import type { Clock } from '../edges.js';
import type { Announcement, AuthorityAnnouncement } from '../notifications/outbox.js';
import type { Schema } from '../storage/schema.js';
import { slicesOf } from '../storage/slices.js';

type Told = Announcement | AuthorityAnnouncement;

/**
 * An announcement with those of its users alone whose renewal still waits for its acknowledgement; undefined where none
 * does. What waited in the outbox meanwhile must not tell of a renewal that somebody has acknowledged, nor remind of a
 * certificate that has ended, nor of a CA that was given up. That credentials were fetched stays true.
 */
export function makeStillPending(
  db: Kysely<Schema>,
  clock: Clock,
): (announcement: Told) => Promise<Told | undefined> {
  return async (announcement) => {
    if (announcement.kind === 'authority-prepared')
      return (await isComing(db, announcement)) ? announcement : undefined;
    if (announcement.kind === 'credentials-fetched') return announcement;
    const { project, service, users } = announcement;
    const ends = new Map<string, number | null>();
    for (const slice of slicesOf(users.map(({ username }) => username))) {
      const rows = await db
        .selectFrom('service_users')
        .select(['username', 'old_not_after'])
        .where('project', '=', project)
        .where('service', '=', service)
        .where('username', 'in', slice)
        .where('pending_id', 'is not', null)
        .execute();
      for (const { username, old_not_after } of rows) ends.set(username, old_not_after);
    }
    const isReminder = announcement.kind === 'certificate-reminder';
    const pending = users.filter(
      ({ username, oldNotAfter }) =>
        ends.get(username) === oldNotAfter && !(isReminder && oldNotAfter <= clock()),
    );
    return pending.length === 0 ? undefined : { ...announcement, users: pending };
  };
}

/** Nobody should trust what was given up before. */
async function isComing(
  db: Kysely<Schema>,
  { project, authority }: AuthorityAnnouncement,
): Promise<boolean> {
  const query = db
    .selectFrom('authorities')
    .select('id')
    .where('id', '=', authority.id)
    .where('purpose', '=', purposeOfProject(project))
    .where('state', 'in', ['prepared', 'active']);
  return (await query.executeTakeFirst()) !== undefined;
}
