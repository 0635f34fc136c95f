import { Option } from 'commander';
import type { Command as Program } from 'commander';
import { projectRoles } from '../people/project-rights.js';
import type { ProjectRole } from '../storage/schema.js';
import type { Run } from './context.js';
import { later } from './later.js';
import { addProjectChange } from './change-commands.js';
import { addProjectRenewals } from './renewal-commands.js';

const addProjectMemberCommand = later(
  async () => (await import('./project-member.js')).addProjectMemberCommand,
);

const createProjectCommand = later(async () => (await import('./project.js')).createProjectCommand);
const listProjectsCommand = later(async () => (await import('./project.js')).listProjectsCommand);
const showProjectCommand = later(async () => (await import('./project.js')).showProjectCommand);
const changeProjectMemberCommand = later(
  async () => (await import('./project-member.js')).changeProjectMemberCommand,
);
const listProjectMembersCommand = later(
  async () => (await import('./project-member.js')).listProjectMembersCommand,
);
const removeProjectMemberCommand = later(
  async () => (await import('./project-member.js')).removeProjectMemberCommand,
);

interface CreateFlags {
  readonly organization?: string;
  readonly admin?: string;
  readonly techEmail?: readonly string[];
}

/** `everleaf project ...` as a table. */
export function addProjectCommands(program: Program, run: Run): void {
  const project = program.command('project').description('projects and their members');
  project
    .command('list')
    .description('all projects')
    .action(() => run(listProjectsCommand, {}));
  project
    .command('create <name>')
    .description('make a project')
    .option('--organization <id>', 'whose it is (default: the only one)')
    .option('--admin <email>', 'a user as its first admin, besides those of the organization')
    .option('--tech-email <email...>', 'who gets mail besides admins and operators')
    .action((name: string, { organization, admin, techEmail = [] }: CreateFlags) =>
      run(createProjectCommand, { name, organization, admin, techEmails: techEmail }),
    );
  project
    .command('show <name>')
    .description('one project')
    .action((name: string) => run(showProjectCommand, { name }));
  addProjectChange(project, run);
  addProjectRenewals(project, run);
  addMemberCommands(project, run);
}

function addMemberCommands(project: Program, run: Run): void {
  const member = project.command('member').description('who belongs to a project');
  member
    .command('list <project>')
    .description('members and invitations')
    .action((name: string) => run(listProjectMembersCommand, { project: name }));
  member
    .command('add <project> <email>')
    .description('make a user a member at once, or invite an address that has no user yet')
    .addOption(roleOption().default('developer'))
    .action((name: string, email: string, { role }: { role: ProjectRole }) =>
      run(addProjectMemberCommand, { project: name, email, role }),
    );
  member
    .command('change <project> <email>')
    .description('give a member another role')
    .addOption(roleOption().makeOptionMandatory())
    .action((name: string, email: string, { role }: { role: ProjectRole }) =>
      run(changeProjectMemberCommand, { project: name, email, role }),
    );
  member
    .command('remove <project> <email>')
    .description('take a member out, or an invitation back')
    .action((name: string, email: string) =>
      run(removeProjectMemberCommand, { project: name, email }),
    );
}

function roleOption(): Option {
  return new Option('--role <role>', 'what a member may do').choices(projectRoles);
}
