import { Command as Program, InvalidArgumentError, Option } from 'commander';
import { roles } from '../people/roles.js';
import type { Role } from '../people/roles.js';
import { revocationReasons } from '../pki/revocation-reason.js';
import type { RevocationReason } from '../pki/revocation-reason.js';
import {
  createAccessTokenCommand,
  listAccessTokensCommand,
  withdrawAccessTokenCommand,
} from './access-token.js';
import { addAuthorityCommands } from './authority-commands.js';
import {
  listCertificatesCommand,
  revokeCertificateCommand,
  showCertificateCommand,
} from './certificate.js';
import { hintRenewalCommand } from './certificate-hint.js';
import type { Command, CommandContext, Run } from './context.js';
import { denyCertificatesCommand } from './deny-certificates.js';
import { addPeopleCommands } from './people-commands.js';
import { addGroupCommands, addOrganizationCommands } from './organization-commands.js';
import { addProjectCommands } from './project-commands.js';
import { readDuration } from './read-duration.js';
import { createRecoverTokenCommand } from './recover-token.js';
import { addServiceCommands, addServiceUserCommands } from './service-commands.js';
import { createTokenCommand, listTokensCommand, withdrawTokenCommand } from './token.js';

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
  addServiceCommands(program, run);
  addServiceUserCommands(program, run);
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

function addCertificateCommands(program: Program, run: Run): void {
  const certificate = program.command('certificate').description('certificates on record');
  certificate
    .command('list')
    .description('certificates that have not expired, those that end first at the top')
    .option('--holder <name>', 'only those of one holder')
    .option('--expired', 'expired ones too')
    .option('--limit <number>', 'how many', readCount, 50)
    .action(({ holder, limit, expired }: { holder?: string; limit: number; expired?: true }) =>
      run(listCertificatesCommand, { holder, limit, withExpired: expired === true }),
    );
  certificate
    .command('show')
    .description('one certificate')
    .argument('<name>', nameOfCertificate, readHexPrefix)
    .action((name: string) => run(showCertificateCommand, { name }));
  certificate
    .command('revoke')
    .description('revoke a certificate; keyCompromise takes all that was renewed from it along')
    .argument('<name>', nameOfCertificate, readHexPrefix)
    .addOption(
      new Option('--reason <reason>', 'reason name of RFC 5280')
        .choices(Object.keys(revocationReasons))
        .default('unspecified'),
    )
    .action((name: string, { reason }: { reason: RevocationReason }) =>
      run(revokeCertificateCommand, { name, reason }),
    );
  addHintCommand(certificate, run);
  certificate
    .command('deny')
    .description('revoke certificates that may not be on record, before they are adopted')
    .argument('<file>', 'SHA-256 values, one a line, or a ConfigMap as JSON; - for standard input')
    .action((file: string) => run(denyCertificatesCommand, { file }));
}

function addHintCommand(certificate: Program, run: Run): void {
  certificate
    .command('hint')
    .description('ask holders to renew at once: their suggested window moves into the past')
    .argument('[name]', nameOfCertificate, readHexPrefix)
    .option('--holder <name>', 'all certificates of one holder')
    .option('--authority <id>', 'all certificates of one authority')
    .action(
      (
        name: string | undefined,
        { holder, authority }: { holder?: string; authority?: string },
        command: Program,
      ) => {
        const given = [name, holder, authority].filter((one) => one !== undefined);
        if (given.length !== 1)
          command.error('error: name one certificate, or one --holder, or one --authority');
        return run(hintRenewalCommand, { name, holder, authorityId: authority });
      },
    );
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

const nameOfCertificate = 'its SHA-256 or serial number in hex, or the beginning of it';

function readHexPrefix(text: string): string {
  const prefix = text.replaceAll(':', '').toLowerCase();
  if (/^[0-9a-f]{6,64}$/.test(prefix)) return prefix;
  throw new InvalidArgumentError('It must be hex digits, at least six of them.');
}

function readCount(text: string): number {
  if (!/^[1-9][0-9]{0,5}$/.test(text))
    throw new InvalidArgumentError('It must be a whole number, 1 or more.');
  return Number(text);
}
