import type { Kysely } from 'kysely';
import { slicesOf } from '../storage/slices.js';
import type { Schema } from '../storage/schema.js';
import { addressesIn } from './project-store.js';

/** A service of which something is to be announced. */
export interface ServiceName {
  readonly project: string;
  readonly service: string;
}

/** A pending renewal whose announcement is due. Times in seconds UTC. */
export interface DueAnnouncement {
  readonly id: string;
  readonly username: string;
  readonly pendingId: string;
  readonly renewedAt: number;
  /** The slot: the time of the renewal for the first announcement, later a midnight. */
  readonly announceAt: number;
  readonly oldNotAfter: number;
  readonly newNotAfter: number;
  /** Who hears of this user besides the others: of a user that a group owns its active members too. */
  readonly recipients: readonly string[];
  /** Of the access that owns the user, where no route shows the new pair. */
  readonly accessId?: string;
}

export interface AnnouncementStore {
  /** Powered services with something to announce at `now`, by name, behind `after`. */
  listServices(page: {
    readonly now: number;
    readonly after: ServiceName | undefined;
    readonly limit: number;
  }): Promise<ServiceName[]>;
  /** By name. */
  listDue(service: ServiceName, now: number): Promise<DueAnnouncement[]>;
  /** Sets when those are announced next and gives the ids of those that were still due: each slot is claimed once. */
  claim(
    change: {
      readonly due: readonly DueAnnouncement[];
      readonly now: number;
      readonly next: number | undefined;
    },
    trx: Kysely<Schema>,
  ): Promise<readonly string[]>;
}

/** The SQL of announcements: they follow from the pending renewals, and so does what is told already. */
export function makeAnnouncementStore(db: Kysely<Schema>): AnnouncementStore {
  return {
    listServices: ({ now, after, limit }) =>
      db
        .selectFrom('service_users as u')
        .innerJoin('services as s', (join) =>
          join.onRef('s.project', '=', 'u.project').onRef('s.name', '=', 'u.service'),
        )
        .select(['u.project', 'u.service'])
        .distinct()
        .where('u.announce_at', '<=', now)
        .where('s.is_powered', '=', 1)
        .$if(after !== undefined, (query) =>
          query.where(({ eb, refTuple, tuple }) =>
            eb(
              refTuple('u.project', 'u.service'),
              '>',
              tuple(after?.project ?? '', after?.service ?? ''),
            ),
          ),
        )
        .orderBy('u.project')
        .orderBy('u.service')
        .limit(limit)
        .execute(),
    listDue: async ({ project, service }, now) => {
      const rows = await db
        .selectFrom('service_users')
        .select(['id', 'username', 'pending_id', 'renewed_at', 'announce_at', 'old_not_after'])
        .select(['not_after', 'recipients', 'access_id', 'is_withheld'])
        .where('project', '=', project)
        .where('service', '=', service)
        .where('announce_at', '<=', now)
        .orderBy('username')
        .execute();
      const owners = await ownersIn(db, { project, service });
      return rows.flatMap((row) => {
        const { pending_id: pendingId, renewed_at: renewedAt, announce_at: announceAt } = row;
        const { old_not_after: oldNotAfter, not_after: newNotAfter } = row;
        if (pendingId === null || renewedAt === null || announceAt === null) return [];
        if (oldNotAfter === null || newNotAfter === null) return [];
        const { id, username } = row;
        const { access_id: accessId, is_withheld: isWithheld } = row;
        const those = accessId === null ? undefined : owners.get(accessId);
        const recipients = [...addressesIn(row.recipients), ...(those ?? [])];
        const times = { renewedAt, announceAt, oldNotAfter, newNotAfter };
        const facts = { id, username, pendingId, recipients, ...times };
        return [accessId === null || isWithheld === 0 ? facts : { ...facts, accessId }];
      });
    },
    claim,
  };
}

const claim: AnnouncementStore['claim'] = async ({ due, now, next }, trx) => {
  const claimed: string[] = [];
  for (const some of slicesOf(due)) {
    const rows = await trx
      .updateTable('service_users')
      .set({ announce_at: next ?? null })
      .where(
        'id',
        'in',
        some.map(({ id }) => id),
      )
      .where(
        'pending_id',
        'in',
        some.map(({ pendingId }) => pendingId),
      )
      .where('announce_at', '<=', now)
      .returning('id')
      .execute();
    claimed.push(...rows.map(({ id }) => id));
  }
  return claimed;
};

/** Who owns users of a service now: addresses of the active members of the group, by access. */
async function ownersIn(
  db: Kysely<Schema>,
  { project, service }: ServiceName,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await db
    .selectFrom('accesses as a')
    .innerJoin('group_members as m', 'm.group_id', 'a.owner_group_id')
    .innerJoin('users as u', 'u.id', 'm.user_id')
    .select(['a.id', 'u.email'])
    .where('a.project', '=', project)
    .where('a.service', '=', service)
    .where('u.state', '=', 'active')
    .orderBy('u.email')
    .execute();
  const owners = new Map<string, string[]>();
  for (const { id, email } of rows) owners.set(id, [...(owners.get(id) ?? []), email]);
  return owners;
}
