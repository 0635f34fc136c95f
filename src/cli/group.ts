import type { Command, CommandContext } from './context.js';
import { chosenOrganization, namedGroup, withProjects } from './open-projects.js';
import { StartFault } from '../start-fault.js';
import { formatFields, formatTable, formatTime, rfc3339 } from './output.js';

interface Chosen {
  readonly organization: string | undefined;
}

/** `everleaf group list` */
export const listGroupsCommand: Command<Chosen> = async (context, { organization }) => {
  const groups = await withProjects(context, async (stores) =>
    stores.groups.list(await chosenOrganization(stores, organization)),
  );
  context.output.show({
    value: groups.map(({ id, name, description, memberCount, createdAt }) => ({
      id,
      name,
      description,
      memberCount,
      createdAt: rfc3339(createdAt),
    })),
    text: formatTable(
      ['ID', 'NAME', 'MEMBERS', 'CREATED'],
      groups.map(({ id, name, memberCount, createdAt }) => [
        id,
        name,
        String(memberCount),
        formatTime(createdAt),
      ]),
    ),
  });
};

/** `everleaf group create NAME` */
export const createGroupCommand: Command<Chosen & { name: string; description: string }> = async (
  context,
  { name, description, organization },
) => {
  const { actor, output } = context;
  const { id } = await withProjects(context, async (stores) => {
    const organizationId = await chosenOrganization(stores, organization);
    return stores.changeGroups.create({ organizationId, name, description, actor });
  });
  output.show({ value: { id, name, description }, text: formatFields({ ID: id, Name: name }) });
};

/** `everleaf group delete NAME` */
export const deleteGroupCommand: Command<Chosen & { name: string }> = async (
  context,
  { name, organization },
) => {
  const { actor, output } = context;
  const id = await withProjects(context, async (stores) => {
    const organizationId = await chosenOrganization(stores, organization);
    const group = await namedGroup(stores, { organizationId, name });
    await stores.changeGroups.remove({ organizationId, groupId: group.id, actor });
    return group.id;
  });
  output.show({ value: { id, state: 'deleted' }, text: `Group ${name} is deleted.` });
};

/** `everleaf group member list NAME` */
export const listGroupMembersCommand: Command<Chosen & { name: string }> = async (
  context,
  { name, organization },
) => {
  const members = await withProjects(context, async (stores) => {
    const organizationId = await chosenOrganization(stores, organization);
    return stores.groups.listMembers((await namedGroup(stores, { organizationId, name })).id);
  });
  context.output.show({
    value: members.map(({ userId, email, joinedAt }) => ({
      userId,
      email,
      joinedAt: rfc3339(joinedAt),
    })),
    text: formatTable(
      ['USER', 'ADDRESS', 'SINCE'],
      members.map(({ userId, email, joinedAt }) => [userId, email, formatTime(joinedAt)]),
    ),
  });
};

type MemberOptions = Chosen & { readonly name: string; readonly email: string };

/** `everleaf group member add NAME EMAIL` */
export const addGroupMemberCommand: Command<MemberOptions> = async (context, options) => {
  await changeMember(context, options, 'add_members');
  const { name, email } = options;
  context.output.show({ value: { name, email }, text: `${email} is in the group ${name}.` });
};

/** `everleaf group member remove NAME EMAIL` */
export const removeGroupMemberCommand: Command<MemberOptions> = async (context, options) => {
  await changeMember(context, options, 'remove_members');
  const { name, email } = options;
  context.output.show({
    value: { name, email, state: 'removed' },
    text: `${email} is not in the group ${name}.`,
  });
};

async function changeMember(
  context: CommandContext,
  { name, email, organization }: MemberOptions,
  operation: 'add_members' | 'remove_members',
): Promise<void> {
  await withProjects(context, async (stores) => {
    const organizationId = await chosenOrganization(stores, organization);
    const { id: groupId } = await namedGroup(stores, { organizationId, name });
    const members = await stores.organizations.listMembers(organizationId);
    const member = members.find((one) => one.email === email.toLowerCase());
    if (!member)
      throw new StartFault(
        `${email} is no member of the organization: everleaf organization member add makes it one.`,
      );
    const { actor } = context;
    const userIds = [member.userId];
    await stores.changeGroups.changeMembers({ organizationId, groupId, operation, userIds, actor });
  });
}
