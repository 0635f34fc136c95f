import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.js';

/** Who may take part in a decision. `joinedAt` in seconds UTC. */
export interface GroupMember {
  readonly userId: string;
  readonly email: string;
  readonly realName: string;
  readonly joinedAt: number;
}

/** The group that owns an access, with those of its members who can sign in, by address. */
export interface OwnerGroup {
  readonly id: string;
  readonly name: string;
  readonly members: readonly GroupMember[];
}

/** Reads a group as it is now, in a transaction that holds its organisation: then it stays so. */
export async function readOwnerGroup(id: string, executor: Kysely<Schema>): Promise<OwnerGroup> {
  const { name } = await executor
    .selectFrom('user_groups')
    .select('name')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const members = await executor
    .selectFrom('group_members as m')
    .innerJoin('users as u', 'u.id', 'm.user_id')
    .select(['u.id as userId', 'u.email', 'u.real_name as realName', 'm.joined_at as joinedAt'])
    .where('m.group_id', '=', id)
    .where('u.state', '=', 'active')
    .orderBy('u.email')
    .execute();
  return { id, name, members };
}

/** The member of this id; undefined for everybody else. */
export function memberOf(group: OwnerGroup, userId: string): GroupMember | undefined {
  return group.members.find((member) => member.userId === userId);
}

/** The mail addresses of those who asked and decided, members or not. */
export async function addressesOf(
  { requesterId, decidedBy }: { readonly requesterId: string; readonly decidedBy: string | null },
  executor: Kysely<Schema>,
): Promise<{ readonly requester: string; readonly decider: string | null }> {
  const rows = await executor
    .selectFrom('users')
    .select(['id', 'email'])
    .where('id', 'in', decidedBy === null ? [requesterId] : [requesterId, decidedBy])
    .execute();
  const addressOf = (id: string | null) => rows.find((row) => row.id === id)?.email;
  return {
    requester: addressOf(requesterId) ?? requesterId,
    decider: addressOf(decidedBy) ?? null,
  };
}
