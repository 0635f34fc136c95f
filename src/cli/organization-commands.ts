import type { Command as Program } from 'commander';
import type { Run } from './context.js';
import { later } from './later.js';

const addOrganizationMemberCommand = later(
  async () => (await import('./organization.js')).addOrganizationMemberCommand,
);

const addGroupMemberCommand = later(async () => (await import('./group.js')).addGroupMemberCommand);

const createGroupCommand = later(async () => (await import('./group.js')).createGroupCommand);
const deleteGroupCommand = later(async () => (await import('./group.js')).deleteGroupCommand);
const listGroupMembersCommand = later(
  async () => (await import('./group.js')).listGroupMembersCommand,
);
const listGroupsCommand = later(async () => (await import('./group.js')).listGroupsCommand);
const removeGroupMemberCommand = later(
  async () => (await import('./group.js')).removeGroupMemberCommand,
);
const createOrganizationCommand = later(
  async () => (await import('./organization.js')).createOrganizationCommand,
);
const listOrganizationMembersCommand = later(
  async () => (await import('./organization.js')).listOrganizationMembersCommand,
);
const listOrganizationsCommand = later(
  async () => (await import('./organization.js')).listOrganizationsCommand,
);
const removeOrganizationMemberCommand = later(
  async () => (await import('./organization.js')).removeOrganizationMemberCommand,
);

interface Chosen {
  readonly organization?: string;
}

/** `everleaf organization ...` as a table. */
export function addOrganizationCommands(program: Program, run: Run): void {
  const organization = program
    .command('organization')
    .description('organizations, to which projects and groups belong');
  organization
    .command('list')
    .description('all organizations')
    .action(() => run(listOrganizationsCommand, {}));
  organization
    .command('create <name>')
    .description('make an organization')
    .option('--admin <email>', 'a user as its first admin')
    .action((name: string, { admin }: { admin?: string }) =>
      run(createOrganizationCommand, { name, admin }),
    );
  const member = organization.command('member').description('who belongs to an organization');
  withChoice(member.command('list'))
    .description('its members')
    .action(({ organization: id }: Chosen) =>
      run(listOrganizationMembersCommand, { organization: id }),
    );
  withChoice(member.command('add <email>'))
    .description('make a user a member, or change what the member is')
    .option('--admin', 'as an admin, who is admin of all its projects')
    .action((email: string, { admin, organization: id }: Chosen & { admin?: true }) =>
      run(addOrganizationMemberCommand, { email, isAdmin: admin === true, organization: id }),
    );
  withChoice(member.command('remove <email>'))
    .description('take a member out of it and its groups')
    .action((email: string, { organization: id }: Chosen) =>
      run(removeOrganizationMemberCommand, { email, organization: id }),
    );
}

/** `everleaf group ...` as a table. */
export function addGroupCommands(program: Program, run: Run): void {
  const group = program.command('group').description('groups of members of an organization');
  withChoice(group.command('list'))
    .description('all groups')
    .action(({ organization }: Chosen) => run(listGroupsCommand, { organization }));
  withChoice(group.command('create <name>'))
    .description('make a group')
    .option('--description <text>', 'what it is for', '')
    .action((name: string, { description, organization }: Chosen & { description: string }) =>
      run(createGroupCommand, { name, description, organization }),
    );
  withChoice(group.command('delete <group>'))
    .description('by name or ID')
    .action((name: string, { organization }: Chosen) =>
      run(deleteGroupCommand, { name, organization }),
    );
  const member = group.command('member').description('who is in a group');
  withChoice(member.command('list <group>'))
    .description('its members')
    .action((name: string, { organization }: Chosen) =>
      run(listGroupMembersCommand, { name, organization }),
    );
  withChoice(member.command('add <group> <email>'))
    .description('put a member of the organization into it')
    .action((name: string, email: string, { organization }: Chosen) =>
      run(addGroupMemberCommand, { name, email, organization }),
    );
  withChoice(member.command('remove <group> <email>'))
    .description('take a member out')
    .action((name: string, email: string, { organization }: Chosen) =>
      run(removeGroupMemberCommand, { name, email, organization }),
    );
}

function withChoice(command: Program): Program {
  return command.option('--organization <id>', 'of which organization (default: the only one)');
}
