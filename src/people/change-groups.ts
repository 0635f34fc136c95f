import type { Kysely } from 'kysely';
import type { Clock, RandomBytes } from '../edges.js';
import { Failure } from '../failure.js';
import type { Schema } from '../storage/schema.js';
import { requireLock } from './change-organizations.js';
import { judgeDisplayName } from './display-name.js';
import type { Group, GroupStore } from './group-store.js';
import type { OrganizationStore } from './organization-store.js';
import type { ChangeOrigin, InTransaction, RecordChange } from './record-change.js';

/** What an admin of an organisation does to its groups; each throws a Failure where it cannot. */
export interface ChangeGroups {
  create(
    order: ChangeOrigin & {
      readonly organizationId: string;
      readonly name: string;
      readonly description: string;
    },
  ): Promise<Group>;
  /** What is not given stays. */
  change(
    order: GroupOrder & {
      readonly name?: string | undefined;
      readonly description?: string | undefined;
    },
  ): Promise<Group>;
  /** Not while it owns anything. */
  remove(order: GroupOrder): Promise<void>;
  /** Members of the organisation alone can be added. Who is in or out already is left alone. */
  changeMembers(
    order: GroupOrder & {
      readonly operation: 'add_members' | 'remove_members';
      readonly userIds: readonly string[];
    },
  ): Promise<void>;
}

type GroupOrder = ChangeOrigin & { readonly organizationId: string; readonly groupId: string };

interface Edges {
  readonly transaction: InTransaction;
  readonly organizations: Pick<OrganizationStore, 'lock'>;
  readonly groups: GroupStore;
  /** What the group owns, by names: it stays until that is gone. */
  readonly listOwned: (groupId: string, trx: Kysely<Schema>) => Promise<readonly string[]>;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly recordChange: RecordChange;
}

/** Makes and changes groups, one change of an organisation at a time. */
export function makeChangeGroups(edges: Edges): ChangeGroups {
  const { groups, clock, recordChange } = edges;
  const locked = <T>(organizationId: string, work: (trx: Kysely<Schema>) => Promise<T>) =>
    edges.transaction(async (trx) => {
      await requireLock(edges.organizations, organizationId, trx);
      return work(trx);
    });
  return {
    create: ({ organizationId, name, description, ...origin }) =>
      locked(organizationId, async (trx) => {
        const now = clock();
        const id = `ug${Buffer.from(edges.random(6)).toString('hex').slice(1)}`;
        const group = { id, organizationId, name, description, createdAt: now, updatedAt: now };
        await put(groups, group, trx);
        const detail = { organization: organizationId, group: id, name };
        await recordChange({ action: 'group.created', ...origin, detail }, trx);
        return group;
      }),
    change: ({ organizationId, groupId, name, description, ...origin }) =>
      locked(organizationId, async (trx) => {
        const old = await requireGroup(groups, { organizationId, groupId }, trx);
        const group = {
          ...old,
          name: name ?? old.name,
          description: description ?? old.description,
          updatedAt: clock(),
        };
        await put(groups, group, trx);
        const detail = { organization: organizationId, group: groupId, name: group.name };
        await recordChange({ action: 'group.changed', ...origin, detail }, trx);
        return group;
      }),
    remove: ({ organizationId, groupId, ...origin }) =>
      locked(organizationId, async (trx) => {
        const { name } = await requireGroup(groups, { organizationId, groupId }, trx);
        judgeOwned(await edges.listOwned(groupId, trx));
        await groups.remove(groupId, trx);
        const detail = { organization: organizationId, group: groupId, name };
        await recordChange({ action: 'group.deleted', ...origin, detail }, trx);
      }),
    changeMembers: ({ organizationId, groupId, operation, userIds, ...origin }) =>
      locked(organizationId, async (trx) => {
        const { name } = await requireGroup(groups, { organizationId, groupId }, trx);
        const isAdding = operation === 'add_members';
        if (isAdding) await requireMembers(groups, { organizationId, userIds }, trx);
        const order = { id: groupId, userIds, now: clock() };
        const members = await (isAdding
          ? groups.addMembers(order, trx)
          : groups.removeMembers(order, trx));
        if (members.length === 0) return;
        const action = isAdding ? 'group.members-added' : 'group.members-removed';
        const detail = { organization: organizationId, group: groupId, name, members };
        await recordChange({ action, ...origin, detail }, trx);
      }),
  };
}

async function put(groups: GroupStore, group: Group, trx: Kysely<Schema>): Promise<void> {
  judgeDisplayName(group.name, 'user_group_name');
  if (await groups.put(group, trx)) return;
  throw new Failure('exists-already', `A group ${group.name} already exists.`);
}

async function requireGroup(
  groups: GroupStore,
  { organizationId, groupId }: { organizationId: string; groupId: string },
  trx: Kysely<Schema>,
): Promise<Group> {
  const group = await groups.find(organizationId, groupId, trx);
  if (group) return group;
  throw new Failure('resource-unknown', 'Group not found.');
}

const mostNamed = 10;

function judgeOwned(owned: readonly string[]): void {
  if (owned.length === 0) return;
  const rest = owned.length - mostNamed;
  const named =
    owned.slice(0, mostNamed).join(', ') + (rest > 0 ? ` and ${String(rest)} more` : '');
  throw new Failure('state-conflict', `The group owns ${named}: delete that first.`);
}

async function requireMembers(
  groups: GroupStore,
  { organizationId, userIds }: { organizationId: string; userIds: readonly string[] },
  trx: Kysely<Schema>,
): Promise<void> {
  const members = new Set(await groups.membersAmong(organizationId, userIds, trx));
  const stranger = userIds.find((userId) => !members.has(userId));
  if (stranger === undefined) return;
  throw new Failure(
    'field-invalid',
    `member_ids names ${stranger}, who is no member of this organization.`,
  );
}
