import type { Kysely, Selectable } from 'kysely';
import { lockRows } from '../storage/row-lock.js';
import type { Schema } from '../storage/schema.js';

/** An organisation: its projects and groups belong to it. Times in seconds UTC. */
export interface Organization {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A person as lists show one. Times in seconds UTC. */
export interface Person {
  readonly userId: string;
  readonly email: string;
  readonly realName: string;
  readonly state: 'active' | 'disabled';
  readonly createdAt: number;
  readonly lastActivityAt: number | null;
  /** Since when a member. */
  readonly joinedAt: number;
}

export interface OrganizationStore {
  insert(organization: Organization, trx: Kysely<Schema>): Promise<void>;
  find(id: string): Promise<Organization | undefined>;
  list(): Promise<Organization[]>;
  /** Those of which a user is a member, by name. */
  listOf(userId: string): Promise<(Organization & { readonly isAdmin: boolean })[]>;
  /** undefined for an outsider and for an organisation that is not there. */
  findMembership(id: string, userId: string): Promise<{ readonly isAdmin: boolean } | undefined>;
  listMembers(id: string): Promise<(Person & { readonly isAdmin: boolean })[]>;
  /** Holds the organisation until the transaction ends; false where there is none. */
  lock(id: string, trx: Kysely<Schema>): Promise<boolean>;
  /** Makes a user a member, or changes what the member is. */
  putMember(
    order: { id: string; userId: string; isAdmin: boolean; now: number },
    trx: Kysely<Schema>,
  ): Promise<void>;
  /** Out of its groups too; whether the user was a member. */
  removeMember(order: { id: string; userId: string }, trx: Kysely<Schema>): Promise<boolean>;
}

/** The SQL of organisations and their members. */
export function makeOrganizationStore(db: Kysely<Schema>): OrganizationStore {
  return {
    insert: async ({ id, name, createdAt, updatedAt }, trx) => {
      const row = { id, name, created_at: createdAt, updated_at: updatedAt };
      await trx.insertInto('organizations').values(row).execute();
    },
    find: async (id) => {
      const row = await db
        .selectFrom('organizations')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      return row && organizationOf(row);
    },
    list: async () => {
      const rows = await db.selectFrom('organizations').selectAll().orderBy('name').execute();
      return rows.map(organizationOf);
    },
    listOf: async (userId) => {
      const rows = await db
        .selectFrom('organizations as o')
        .innerJoin('organization_members as m', 'm.organization_id', 'o.id')
        .selectAll('o')
        .select('m.is_admin')
        .where('m.user_id', '=', userId)
        .orderBy('o.name')
        .orderBy('o.id')
        .execute();
      return rows.map((row) => ({ ...organizationOf(row), isAdmin: row.is_admin === 1 }));
    },
    findMembership: async (id, userId) => {
      const row = await db
        .selectFrom('organization_members')
        .select('is_admin')
        .where('organization_id', '=', id)
        .where('user_id', '=', userId)
        .executeTakeFirst();
      return row && { isAdmin: row.is_admin === 1 };
    },
    listMembers: async (id) => {
      const rows = await db
        .selectFrom('organization_members as m')
        .innerJoin('users as u', 'u.id', 'm.user_id')
        .select([...personColumns, 'm.joined_at', 'm.is_admin'])
        .where('m.organization_id', '=', id)
        .orderBy('u.email')
        .execute();
      return rows.map((row) => ({ ...personOf(row), isAdmin: row.is_admin === 1 }));
    },
    lock: async (id, trx) => {
      const query = trx.selectFrom('organizations').select('id').where('id', '=', id);
      return (await lockRows(trx, query).executeTakeFirst()) !== undefined;
    },
    putMember,
    removeMember,
  };
}

const putMember: OrganizationStore['putMember'] = async ({ id, userId, isAdmin, now }, trx) => {
  const is_admin = isAdmin ? 1 : 0;
  await trx
    .insertInto('organization_members')
    .values({ organization_id: id, user_id: userId, is_admin, joined_at: now })
    .onConflict((conflict) =>
      conflict.columns(['organization_id', 'user_id']).doUpdateSet({ is_admin }),
    )
    .execute();
};

const removeMember: OrganizationStore['removeMember'] = async ({ id, userId }, trx) => {
  await trx
    .deleteFrom('group_members')
    .where('user_id', '=', userId)
    .where('group_id', 'in', (groups) =>
      groups.selectFrom('user_groups').select('id').where('organization_id', '=', id),
    )
    .execute();
  const { numDeletedRows } = await trx
    .deleteFrom('organization_members')
    .where('organization_id', '=', id)
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  return numDeletedRows === 1n;
};

/** What a list of people reads of `users as u`. */
export const personColumns = [
  'u.id as user_id',
  'u.email',
  'u.real_name',
  'u.state',
  'u.created_at',
  'u.last_activity_at',
] as const;

/** A row of personColumns and the time of joining. */
export function personOf(row: {
  user_id: string;
  email: string;
  real_name: string;
  state: Person['state'];
  created_at: number;
  last_activity_at: number | null;
  joined_at: number;
}): Person {
  return {
    userId: row.user_id,
    email: row.email,
    realName: row.real_name,
    state: row.state,
    createdAt: row.created_at,
    lastActivityAt: row.last_activity_at,
    joinedAt: row.joined_at,
  };
}

function organizationOf(row: Selectable<Schema['organizations']>): Organization {
  return { id: row.id, name: row.name, createdAt: row.created_at, updatedAt: row.updated_at };
}
