import type { ProjectRole } from '../storage/schema.js';
import type { Command } from './context.js';
import { namedProject, withProjects } from './open-projects.js';
import { formatTable, formatTime, rfc3339 } from './output.js';

/** `everleaf project member list PROJECT`: invitations too. */
export const listProjectMembersCommand: Command<{ project: string }> = async (
  context,
  { project },
) => {
  const rows = await withProjects(context, async ({ projects, members, invitations }) => {
    await namedProject({ projects }, project);
    return [
      ...(await members.list(project)).map(({ email, role, joinedAt }) => ({
        email,
        role,
        state: 'member',
        since: joinedAt,
      })),
      ...(await invitations.list(project)).map(({ email, role, invitedAt }) => ({
        email,
        role,
        state: 'invited',
        since: invitedAt,
      })),
    ];
  });
  context.output.show({
    value: rows.map((row) => ({ ...row, since: rfc3339(row.since) })),
    text: formatTable(
      ['ADDRESS', 'ROLE', 'STATE', 'SINCE'],
      rows.map(({ email, role, state, since }) => [email, role, state, formatTime(since)]),
    ),
  });
};

interface Named {
  readonly project: string;
  readonly email: string;
}

/** `everleaf project member add PROJECT EMAIL` */
export const addProjectMemberCommand: Command<Named & { role: ProjectRole }> = async (
  context,
  { project, email, role },
) => {
  const { actor, output } = context;
  const state = await withProjects(context, ({ changeMembers }) =>
    changeMembers.invite({ project, email, role, actor }),
  );
  output.show({
    value: { project, email, role, state },
    text:
      state === 'member'
        ? `${email} is a member of ${project} as ${role}.`
        : `${email} is invited to ${project} as ${role} and becomes a member when it signs in.`,
  });
};

/** `everleaf project member change PROJECT EMAIL` */
export const changeProjectMemberCommand: Command<Named & { role: ProjectRole }> = async (
  context,
  { project, email, role },
) => {
  const { actor, output } = context;
  await withProjects(context, ({ changeMembers }) =>
    changeMembers.changeRole({ project, email, role, actor }),
  );
  output.show({
    value: { project, email, role },
    text: `${email} is ${role} in ${project}.`,
  });
};

/** `everleaf project member remove PROJECT EMAIL`: a member, or an invitation. */
export const removeProjectMemberCommand: Command<Named> = async (context, { project, email }) => {
  const { actor, output } = context;
  await withProjects(context, async ({ changeMembers, invitations }) => {
    const invitation = await invitations.find(project, email.toLowerCase());
    const order = { project, email, actor };
    await (invitation ? changeMembers.withdrawInvitation(order) : changeMembers.remove(order));
  });
  output.show({
    value: { project, email, state: 'removed' },
    text: `${email} does not belong to ${project} any more.`,
  });
};
