import { Argument } from 'commander';
import type { Command as Program } from 'commander';
import { isRole, roles } from '../people/roles.js';
import type { Run } from './context.js';
import { later } from './later.js';
import { readDuration } from './read-duration.js';

const addPersonCommand = later(async () => (await import('./people.js')).addPersonCommand);

const listPeopleCommand = later(async () => (await import('./people.js')).listPeopleCommand);
const setPersonStateCommand = later(
  async () => (await import('./people.js')).setPersonStateCommand,
);
const createUserTokenCommand = later(
  async () => (await import('./people-secrets.js')).createUserTokenCommand,
);
const setPasswordCommand = later(
  async () => (await import('./people-secrets.js')).setPasswordCommand,
);
const setGatewayRoleCommand = later(
  async () => (await import('./people-role.js')).setGatewayRoleCommand,
);
const unlinkPersonCommand = later(
  async () => (await import('./people-openid.js')).unlinkPersonCommand,
);

/** `everleaf people ...` as a table. */
export function addPeopleCommands(program: Program, run: Run): void {
  const people = program.command('people').description('users who sign in to the admin listener');
  people
    .command('list')
    .description('users, and when they were last active')
    .action(() => run(listPeopleCommand, {}));
  people
    .command('add <email>')
    .description('add a user with a password that is shown once')
    .option('--openid', 'without password: signs in by OpenID Connect alone')
    .option('--name <name>', 'real name (default: the address)')
    .option('--admin', 'administers the organisation')
    .action((email: string, options: { name?: string; admin?: true; openid?: true }) =>
      run(addPersonCommand, {
        email,
        realName: options.name,
        isAdmin: options.admin === true,
        hasPassword: options.openid !== true,
      }),
    );
  people
    .command('password <email>')
    .description('give a user another password, shown once; withdraws all tokens of the user')
    .option('--stdin', 'take it from the first line of standard input')
    .action((email: string, { stdin }: { stdin?: true }) =>
      run(setPasswordCommand, { email, isFromStdin: stdin === true }),
    );
  people
    .command('unlink <email>')
    .description('forget the OpenID Connect identity of a user; withdraws all tokens of the user')
    .action((email: string) => run(unlinkPersonCommand, { email }));
  addStandingCommands(people, run);
  people
    .command('token <email>')
    .description('make a token for a user; it is shown once')
    .option('--description <text>', 'what it is for', 'made by the command line')
    .option('--ttl <duration>', 'how long it is good (default: until withdrawn)', readDuration)
    .option('--extend', 'every use puts its end --ttl away again')
    .action((email: string, options: { description: string; ttl?: number; extend?: true }) =>
      run(createUserTokenCommand, {
        email,
        description: options.description,
        maxAgeSeconds: options.ttl ?? null,
        extendWhenUsed: options.extend === true,
      }),
    );
}

/** What a user is, and whether at all. */
function addStandingCommands(people: Program, run: Run): void {
  people
    .command('role <email>')
    .description('what a user may do on the gateway itself, in the console')
    .addArgument(new Argument('<role>', 'the role, or none').choices([...roles, 'none']))
    .action((email: string, word: string) =>
      run(setGatewayRoleCommand, { email, role: isRole(word) ? word : null }),
    );
  people
    .command('disable <email>')
    .description('bar a user; withdraws all tokens of the user')
    .action((email: string) => run(setPersonStateCommand, { email, state: 'disabled' }));
  people
    .command('enable <email>')
    .description('let a user sign in again')
    .action((email: string) => run(setPersonStateCommand, { email, state: 'active' }));
}
