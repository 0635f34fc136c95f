import { readEmail } from '../people/find-user.js';
import type { Command } from './context.js';
import { chosenOrganization, withProjects } from './open-projects.js';
import { formatFields, formatTable, formatTime, rfc3339 } from './output.js';

/** `everleaf organization create NAME` */
export const createOrganizationCommand: Command<{
  name: string;
  admin: string | undefined;
}> = async (context, { name, admin }) => {
  const { actor, output } = context;
  const { id } = await withProjects(context, ({ changeOrganizations }) =>
    changeOrganizations.create({ name, adminEmail: admin, actor }),
  );
  output.show({
    value: { id, name, admin: admin ?? null },
    text: formatFields({ ID: id, Name: name, Admin: admin ?? null }),
  });
};

/** `everleaf organization list` */
export const listOrganizationsCommand: Command<object> = async (context) => {
  const all = await withProjects(context, ({ organizations }) => organizations.list());
  context.output.show({
    value: all.map(({ id, name, createdAt }) => ({ id, name, createdAt: rfc3339(createdAt) })),
    text: formatTable(
      ['ID', 'NAME', 'CREATED'],
      all.map(({ id, name, createdAt }) => [id, name, formatTime(createdAt)]),
    ),
  });
};

interface Chosen {
  readonly organization: string | undefined;
}

/** `everleaf organization member list` */
export const listOrganizationMembersCommand: Command<Chosen> = async (
  context,
  { organization },
) => {
  const members = await withProjects(context, async (stores) =>
    stores.organizations.listMembers(await chosenOrganization(stores, organization)),
  );
  context.output.show({
    value: members.map(({ userId, email, isAdmin, joinedAt }) => ({
      userId,
      email,
      isAdmin,
      joinedAt: rfc3339(joinedAt),
    })),
    text: formatTable(
      ['USER', 'ADDRESS', 'ADMIN', 'SINCE'],
      members.map(({ userId, email, isAdmin, joinedAt }) => [
        userId,
        email,
        isAdmin ? 'yes' : 'no',
        formatTime(joinedAt),
      ]),
    ),
  });
};

/** `everleaf organization member add EMAIL`; again, it changes whether the member is an admin. */
export const addOrganizationMemberCommand: Command<
  Chosen & { email: string; isAdmin: boolean }
> = async (context, { email, isAdmin, organization }) => {
  const { actor, output } = context;
  await withProjects(context, async (stores) => {
    await stores.changeOrganizations.putMember({
      organizationId: await chosenOrganization(stores, organization),
      email,
      isAdmin,
      actor,
    });
    const userId = await stores.findUser(readEmail(email));
    if (userId !== undefined) await stores.acceptInvitations({ userId, email: readEmail(email) });
  });
  output.show({
    value: { email, isAdmin },
    text: `${email} is ${isAdmin ? 'an admin' : 'a member'} of the organization.`,
  });
};

/** `everleaf organization member remove EMAIL` */
export const removeOrganizationMemberCommand: Command<Chosen & { email: string }> = async (
  context,
  { email, organization },
) => {
  const { actor, output } = context;
  await withProjects(context, async (stores) =>
    stores.changeOrganizations.removeMember({
      organizationId: await chosenOrganization(stores, organization),
      email,
      actor,
    }),
  );
  output.show({
    value: { email, state: 'removed' },
    text: `${email} is no member of the organization and its groups any more.`,
  });
};
