import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.js';
import { fromRow } from './service-user-row.js';
import type { ServiceUser } from './service-user.js';

interface ServiceOfUsers {
  readonly project: string;
  readonly service: string;
}

/** A user in a list, and whether its present certificate was revoked. */
export interface ListedUser {
  readonly user: ServiceUser;
  readonly isRevoked: boolean;
}

/** Whose renewal waits for its acknowledgement; the old certificate ends then, in seconds UTC. */
export interface ExpiringUser {
  readonly username: string;
  readonly oldNotAfter: number;
}

/** What lists of people's pages read of service users: never more rows than a page shows. */
export interface UserListStore {
  /** By name, behind the name `after`; those whose name has `part` in it, in letters of either case. */
  page(
    query: ServiceOfUsers & {
      readonly part: string;
      readonly after: string;
      readonly limit: number;
    },
  ): Promise<ListedUser[]>;
  /** Those whose old certificates end first, and how many there are. */
  findExpiring(
    service: ServiceOfUsers,
    limit: number,
  ): Promise<{ readonly users: readonly ExpiringUser[]; readonly total: number }>;
  /** The users of each service of a project, and how many of them wait for an acknowledgement. */
  countByService(
    project: string,
  ): Promise<ReadonlyMap<string, { readonly users: number; readonly expiring: number }>>;
  /** The waiting ones of each of these projects that has any. */
  countExpiring(projects: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** The name of the first user of a service. */
  findPrimary(service: ServiceOfUsers): Promise<string | undefined>;
}

/** Reads along the names of the users of a service, and along the ends of their old certificates. */
export function makeUserListStore(db: Kysely<Schema>): UserListStore {
  return {
    page: (query) => readPage(db, query),
    findExpiring: (service, limit) => findExpiring(db, service, limit),
    countByService: async (project) => {
      const users = await db
        .selectFrom('service_users')
        .select('service')
        .select(({ fn }) => fn.countAll<number>().as('users'))
        .where('project', '=', project)
        .groupBy('service')
        .execute();
      const waiting = await db
        .selectFrom('service_users')
        .select('service')
        .select(({ fn }) => fn.countAll<number>().as('users'))
        .where('project', '=', project)
        .where('old_not_after', 'is not', null)
        .groupBy('service')
        .execute();
      const expiring = new Map(waiting.map((row) => [row.service, row.users]));
      return new Map(
        users.map((row) => [
          row.service,
          { users: row.users, expiring: expiring.get(row.service) ?? 0 },
        ]),
      );
    },
    countExpiring: async (projects) => {
      if (projects.length === 0) return new Map();
      const rows = await db
        .selectFrom('service_users')
        .select('project')
        .select(({ fn }) => fn.countAll<number>().as('users'))
        .where('project', 'in', projects)
        .where('old_not_after', 'is not', null)
        .groupBy('project')
        .execute();
      return new Map(rows.map(({ project, users }) => [project, users]));
    },
    findPrimary: async (service) => {
      const query = ofService(db, service).select('username').where('type', '=', 'primary');
      return (await query.orderBy('username').limit(1).executeTakeFirst())?.username;
    },
  };
}

async function readPage(
  db: Kysely<Schema>,
  { part, after, limit, ...service }: Parameters<UserListStore['page']>[0],
): Promise<ListedUser[]> {
  const rows = await ofService(db, service)
    .leftJoin('certificates as c', 'c.sha256', 'u.certificate_sha256')
    .selectAll('u')
    .select('c.revoked_at')
    .$if(part !== '', (query) =>
      query.where(sql<boolean>`lower(u.username) like lower(${patternFor(part)}) escape '\\'`),
    )
    .$if(after !== '', (query) => query.where('u.username', '>', after))
    .orderBy('u.username')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ user: fromRow(row), isRevoked: row.revoked_at !== null }));
}

async function findExpiring(
  db: Kysely<Schema>,
  service: ServiceOfUsers,
  limit: number,
): ReturnType<UserListStore['findExpiring']> {
  const waiting = ofService(db, service).where('u.old_not_after', 'is not', null);
  const rows = await waiting
    .select(['u.username', 'u.old_not_after'])
    .orderBy('u.old_not_after')
    .orderBy('u.username')
    .limit(limit)
    .execute();
  const users = rows.flatMap(({ username, old_not_after: oldNotAfter }) =>
    oldNotAfter === null ? [] : [{ username, oldNotAfter }],
  );
  if (users.length < limit) return { users, total: users.length };
  const { total } = await waiting
    .select(({ fn }) => fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  return { users, total };
}

function ofService(db: Kysely<Schema>, { project, service }: ServiceOfUsers) {
  return db
    .selectFrom('service_users as u')
    .where('u.project', '=', project)
    .where('u.service', '=', service);
}

function patternFor(part: string): string {
  return `%${part.replace(/[\\%_]/g, '\\$&')}%`;
}
