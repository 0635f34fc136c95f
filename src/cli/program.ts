import { Command as Program, Option } from 'commander';
import { roles } from '../people/roles.js';
import type { Role } from '../people/roles.js';
import { addAccessCommands } from './access-commands.js';
import { addAnnouncementCommands } from './announcement-commands.js';
import { addAuthorityCommands } from './authority-commands.js';
import { addCertificateCommands } from './certificate-commands.js';
import type { Command, CommandContext, Run } from './context.js';
import { later } from './later.js';
import { addExpiryCommand } from './expiry-commands.js';
import { addPeopleCommands } from './people-commands.js';
import { addGroupCommands, addOrganizationCommands } from './organization-commands.js';
import { addProjectCommands } from './project-commands.js';
import { readCount } from './read-count.js';
import { readDuration } from './read-duration.js';
import { addRotationCommands } from './rotation-commands.js';
import { addServiceCommands } from './service-commands.js';
import { addServiceUserCommands } from './service-user-commands.js';

const createAccessTokenCommand = later(
  async () => (await import('./access-token.js')).createAccessTokenCommand,
);
const listAccessTokensCommand = later(
  async () => (await import('./access-token.js')).listAccessTokensCommand,
);
const withdrawAccessTokenCommand = later(
  async () => (await import('./access-token.js')).withdrawAccessTokenCommand,
);
const createRecoverTokenCommand = later(
  async () => (await import('./recover-token.js')).createRecoverTokenCommand,
);
const createTokenCommand = later(async () => (await import('./token.js')).createTokenCommand);
const listTokensCommand = later(async () => (await import('./token.js')).listTokensCommand);
const withdrawTokenCommand = later(async () => (await import('./token.js')).withdrawTokenCommand);

interface ProgramEdges {
  readonly version: string;
  readonly openContext: (isJson: boolean) => Promise<CommandContext>;
  readonly serve: (context: CommandContext) => Promise<void>;
}

/** The command line as a table: what stands here is what `--help` shows. */
export function makeProgram({ version, openContext, serve }: ProgramEdges): Program {
  const program = new Program('everleaf')
    .description('Keeps client certificates alive. Settings are read from EVERLEAF_... variables.')
    .version(version)
    .option('--json', 'answer in JSON')
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => {
        write(text.replace(/^error: /, 'everleaf: '));
      },
    })
    .showHelpAfterError('(everleaf --help lists the commands)');
  const run = async <Options>(command: Command<Options>, options: Options): Promise<void> => {
    await command(await openContext(program.opts<{ json?: boolean }>().json === true), options);
  };

  program
    .command('serve')
    .description('run the gateway until SIGTERM')
    .action(() => run(serve, {}));
  addTokenCommands(program, run);
  addCertificateCommands(program, run);
  addAuthorityCommands(program, run);
  addAccessTokenCommands(program, run);
  addPeopleCommands(program, run);
  addOrganizationCommands(program, run);
  addGroupCommands(program, run);
  addProjectCommands(program, run);
  addAnnouncementCommands(program, run);
  addServiceCommands(program, run);
  addServiceUserCommands(program, run);
  addAccessCommands(program, run);
  addRotationCommands(program, run);
  addExpiryCommand(program, run);
  for (const command of program.commands) addJson(command, takeJson(program));
  return program;
}

function addJson(command: Program, hook: (command: Program) => void): void {
  command.option('--json', 'answer in JSON').hook('preAction', hook);
  for (const subcommand of command.commands) addJson(subcommand, hook);
}

/** `--json` is understood before and behind the subcommand. */
function takeJson(program: Program) {
  return (command: Program): void => {
    if (command.opts<{ json?: boolean }>().json === true) program.setOptionValue('json', true);
  };
}

function addTokenCommands(program: Program, run: Run): void {
  const token = program.command('token').description('tokens with which applications pair');
  addTokenCreate(token, run);
  token
    .command('list')
    .description('the latest tokens and what became of them')
    .option('--limit <number>', 'how many', readCount, 50)
    .action(({ limit }: { limit: number }) => run(listTokensCommand, { limit }));
  token
    .command('withdraw <id>')
    .description('make an open token useless')
    .action((id: string) => run(withdrawTokenCommand, { id }));
}

interface TokenCreateOptions {
  readonly tenant?: string;
  readonly group?: string;
  readonly runtime?: true;
  readonly recover?: string;
  readonly ttl?: number;
}

function addTokenCreate(token: Program, run: Run): void {
  token
    .command('create [application]')
    .description('make a token for an application; it is shown once')
    .option('--tenant <name>', 'in central mode: the tenant')
    .option('--group <name>', 'in central mode: the group')
    .option('--runtime', 'in central mode: for the runtime of the group instead of an application')
    .option(
      '--recover <name>',
      'instead of an application: the SHA-256 or holder of the lapsed certificate to continue',
    )
    .option(
      '--ttl <duration>',
      'how long it is good, such as 30m (default: EVERLEAF_TOKEN_TTL, EVERLEAF_RUNTIME_TOKEN_TTL)',
      readDuration,
    )
    .action(async (application: string | undefined, options: TokenCreateOptions, self: Program) => {
      const { tenant, group, runtime, recover, ttl } = options;
      const whom = [application, runtime, recover].filter((one) => one !== undefined);
      if (whom.length === 0)
        self.error(
          "error: missing required argument 'application', or --runtime, or --recover NAME",
        );
      if (whom.length > 1)
        self.error('error: name an application, or --runtime, or --recover NAME: one of them');
      if (recover === undefined)
        await run(createTokenCommand, { application, tenant, group, ttlSeconds: ttl });
      else if (tenant === undefined && group === undefined)
        await run(createRecoverTokenCommand, { name: recover, ttlSeconds: ttl });
      else self.error('error: --recover takes neither --tenant nor --group: TENANT/GROUP/NAME');
    });
}

function addAccessTokenCommands(program: Program, run: Run): void {
  const accessToken = program
    .command('access-token')
    .description('access tokens of operators for the admin listener');
  accessToken
    .command('create <name>')
    .description('make an access token; it is shown once')
    .addOption(new Option('--role <role>', 'what it allows').choices(roles).makeOptionMandatory())
    .option(
      '--ttl <duration>',
      'how long it is good, such as 30d (default: until withdrawn)',
      readDuration,
    )
    .action((name: string, { role, ttl }: { role: Role; ttl?: number }) =>
      run(createAccessTokenCommand, { name, role, validitySeconds: ttl }),
    );
  accessToken
    .command('list')
    .description('access tokens and when they were last used')
    .action(() => run(listAccessTokensCommand, {}));
  accessToken
    .command('withdraw <id>')
    .description('make an access token useless')
    .action((id: string) => run(withdrawAccessTokenCommand, { id }));
}
