import type { Kysely } from 'kysely';
import { signInWays } from '../people/sign-in-ways.js';
import type { SignInWay } from '../people/sign-in-ways.js';
import type { ProjectRole, Schema } from '../storage/schema.js';

/** A member of a project. Times in seconds UTC. */
export interface Member {
  readonly userId: string;
  readonly email: string;
  readonly realName: string;
  readonly role: ProjectRole;
  readonly auth: readonly SignInWay[];
  readonly joinedAt: number;
}

export interface MemberStore {
  /** Also of admins of the organisation, who are admins of all its projects. */
  findRole(project: string, userId: string): Promise<ProjectRole | undefined>;
  /** The same of every project that the user may read, by its name. */
  listRoles(
    userId: string,
  ): Promise<readonly { readonly project: string; readonly role: ProjectRole }[]>;
  /** By address. */
  list(project: string): Promise<Member[]>;
  find(project: string, email: string, trx: Kysely<Schema>): Promise<Member | undefined>;
  /** False where the user is a member already. */
  insert(
    member: { project: string; userId: string; role: ProjectRole; now: number },
    trx: Kysely<Schema>,
  ): Promise<boolean>;
  /** False where that would take the last admin away. Under ProjectStore.lock. */
  changeRole(
    change: { project: string; userId: string; role: ProjectRole },
    trx: Kysely<Schema>,
  ): Promise<boolean>;
  /** False where that is the last admin. Under ProjectStore.lock. */
  remove(member: { project: string; userId: string }, trx: Kysely<Schema>): Promise<boolean>;
}

/** The SQL of memberships in projects. */
export function makeMemberStore(db: Kysely<Schema>): MemberStore {
  return {
    findRole: async (project, userId) => {
      const row = await db
        .selectFrom('projects as p')
        .leftJoin('project_members as m', (join) =>
          join.onRef('m.project', '=', 'p.name').on('m.user_id', '=', userId),
        )
        .leftJoin('organization_members as o', (join) =>
          join.onRef('o.organization_id', '=', 'p.organization_id').on('o.user_id', '=', userId),
        )
        .select(['m.role', 'o.is_admin'])
        .where('p.name', '=', project)
        .executeTakeFirst();
      return row?.is_admin === 1 ? 'admin' : (row?.role ?? undefined);
    },
    listRoles: (userId) => listRoles(db, userId),
    list: async (project) => {
      const rows = await selectMembers(db, project).orderBy('u.email').execute();
      return rows.map(memberOf);
    },
    find: async (project, email, trx) => {
      const row = await selectMembers(trx, project).where('u.email', '=', email).executeTakeFirst();
      return row && memberOf(row);
    },
    insert: async ({ project, userId, role, now }, trx) => {
      const result = await trx
        .insertInto('project_members')
        .values({ project, user_id: userId, role, joined_at: now })
        .onConflict((conflict) => conflict.columns(['project', 'user_id']).doNothing())
        .executeTakeFirstOrThrow();
      return result.numInsertedOrUpdatedRows === 1n;
    },
    changeRole,
    remove,
  };
}

/** Two ways into a project, each along its own index. */
async function listRoles(
  db: Kysely<Schema>,
  userId: string,
): Promise<{ project: string; role: ProjectRole }[]> {
  const administered = await db
    .selectFrom('organization_members as o')
    .innerJoin('projects as p', 'p.organization_id', 'o.organization_id')
    .select('p.name as project')
    .where('o.user_id', '=', userId)
    .where('o.is_admin', '=', 1)
    .execute();
  const joined = await db
    .selectFrom('project_members')
    .select(['project', 'role'])
    .where('user_id', '=', userId)
    .execute();
  const roles = new Map(joined.map(({ project, role }) => [project, role]));
  for (const { project } of administered) roles.set(project, 'admin');
  return [...roles]
    .map(([project, role]) => ({ project, role }))
    .sort((one, other) => (one.project < other.project ? -1 : 1));
}

const changeRole: MemberStore['changeRole'] = async ({ project, userId, role }, trx) => {
  let query = trx
    .updateTable('project_members')
    .set({ role })
    .where('project', '=', project)
    .where('user_id', '=', userId);
  if (role !== 'admin') {
    query = query.where((where) =>
      where.or([where('role', '<>', 'admin'), where.exists(otherAdmin(trx, { project, userId }))]),
    );
  }
  return (await query.executeTakeFirstOrThrow()).numUpdatedRows === 1n;
};

const remove: MemberStore['remove'] = async ({ project, userId }, trx) => {
  const { numDeletedRows } = await trx
    .deleteFrom('project_members')
    .where('project', '=', project)
    .where('user_id', '=', userId)
    .where((where) =>
      where.or([where('role', '<>', 'admin'), where.exists(otherAdmin(trx, { project, userId }))]),
    )
    .executeTakeFirstOrThrow();
  return numDeletedRows === 1n;
};

function otherAdmin(
  db: Kysely<Schema>,
  { project, userId }: { readonly project: string; readonly userId: string },
) {
  return db
    .selectFrom('project_members as other')
    .select('other.user_id')
    .where('other.project', '=', project)
    .where('other.role', '=', 'admin')
    .where('other.user_id', '<>', userId);
}

function selectMembers(db: Kysely<Schema>, project: string) {
  return db
    .selectFrom('project_members as m')
    .innerJoin('users as u', 'u.id', 'm.user_id')
    .select(['m.user_id', 'u.email', 'u.real_name', 'm.role', 'm.joined_at'])
    .select(['u.password_hash as passwordHash', 'u.openid_subject as identity'])
    .where('m.project', '=', project);
}

function memberOf(row: {
  user_id: string;
  email: string;
  real_name: string;
  role: ProjectRole;
  joined_at: number;
  passwordHash: string | null;
  identity: string | null;
}): Member {
  return {
    userId: row.user_id,
    email: row.email,
    realName: row.real_name,
    role: row.role,
    auth: signInWays(row),
    joinedAt: row.joined_at,
  };
}
