import type { Kysely, Selectable } from 'kysely';
import type { Schema } from '../storage/schema.js';
import { personColumns, personOf } from './organization-store.js';
import type { Person } from './organization-store.js';

/** A group of members of an organisation. Times in seconds UTC. */
export interface Group {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly description: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** The writers run under OrganizationStore.lock, so that what they found stays true. */
export interface GroupStore {
  find(organizationId: string, id: string, executor?: Kysely<Schema>): Promise<Group | undefined>;
  /** By name. */
  list(organizationId: string): Promise<(Group & { readonly memberCount: number })[]>;
  listMembers(id: string): Promise<Person[]>;
  /** False where the organisation has another group of that name. */
  put(group: Group, trx: Kysely<Schema>): Promise<boolean>;
  remove(id: string, trx: Kysely<Schema>): Promise<void>;
  /** Those of the users who are members of the organisation. */
  membersAmong(
    organizationId: string,
    userIds: readonly string[],
    trx: Kysely<Schema>,
  ): Promise<string[]>;
  /** Gives those who were no members before. */
  addMembers(order: MembersOrder & { now: number }, trx: Kysely<Schema>): Promise<string[]>;
  /** Gives those who were members before. */
  removeMembers(order: MembersOrder, trx: Kysely<Schema>): Promise<string[]>;
}

interface MembersOrder {
  readonly id: string;
  readonly userIds: readonly string[];
}

/** The SQL of groups and their members. */
export function makeGroupStore(db: Kysely<Schema>): GroupStore {
  return {
    find: async (organizationId, id, executor = db) => {
      const row = await executor
        .selectFrom('user_groups')
        .selectAll()
        .where('id', '=', id)
        .where('organization_id', '=', organizationId)
        .executeTakeFirst();
      return row && groupOf(row);
    },
    list: async (organizationId) => {
      const rows = await db
        .selectFrom('user_groups as g')
        .leftJoin('group_members as m', 'm.group_id', 'g.id')
        .selectAll('g')
        .select(({ fn }) => fn.count<number>('m.user_id').as('member_count'))
        .where('g.organization_id', '=', organizationId)
        .groupBy('g.id')
        .orderBy('g.name')
        .execute();
      return rows.map((row) => ({ ...groupOf(row), memberCount: row.member_count }));
    },
    listMembers: async (id) => {
      const rows = await db
        .selectFrom('group_members as m')
        .innerJoin('users as u', 'u.id', 'm.user_id')
        .select([...personColumns, 'm.joined_at'])
        .where('m.group_id', '=', id)
        .orderBy('u.email')
        .execute();
      return rows.map(personOf);
    },
    put,
    remove: async (id, trx) => {
      await trx.deleteFrom('group_members').where('group_id', '=', id).execute();
      await trx.deleteFrom('user_groups').where('id', '=', id).execute();
    },
    membersAmong,
    addMembers,
    removeMembers,
  };
}

const membersAmong: GroupStore['membersAmong'] = async (organizationId, userIds, trx) => {
  const rows = await trx
    .selectFrom('organization_members')
    .select('user_id')
    .where('organization_id', '=', organizationId)
    .where('user_id', 'in', userIds)
    .execute();
  return rows.map((row) => row.user_id);
};

const addMembers: GroupStore['addMembers'] = async ({ id, userIds, now }, trx) => {
  const rows = await trx
    .insertInto('group_members')
    .values(userIds.map((user_id) => ({ group_id: id, user_id, joined_at: now })))
    .onConflict((conflict) => conflict.columns(['group_id', 'user_id']).doNothing())
    .returning('user_id')
    .execute();
  return rows.map((row) => row.user_id);
};

const removeMembers: GroupStore['removeMembers'] = async ({ id, userIds }, trx) => {
  const rows = await trx
    .deleteFrom('group_members')
    .where('group_id', '=', id)
    .where('user_id', 'in', userIds)
    .returning('user_id')
    .execute();
  return rows.map((row) => row.user_id);
};

const put: GroupStore['put'] = async (group, trx) => {
  const namesake = await trx
    .selectFrom('user_groups')
    .select('id')
    .where('organization_id', '=', group.organizationId)
    .where('name', '=', group.name)
    .where('id', '<>', group.id)
    .executeTakeFirst();
  if (namesake) return false;
  const { name, description, updatedAt: updated_at } = group;
  await trx
    .insertInto('user_groups')
    .values({
      id: group.id,
      organization_id: group.organizationId,
      name,
      description,
      created_at: group.createdAt,
      updated_at,
    })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ name, description, updated_at }))
    .execute();
  return true;
};

function groupOf(row: Selectable<Schema['user_groups']>): Group {
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    description: row.description,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
