import { Argument, InvalidArgumentError, Option } from 'commander';
import type { Command as Program } from 'commander';
import { exportFormatNames } from '../credentials/export-formats.js';
import type { ExportFormatName } from '../credentials/export-formats.js';
import { isHost } from '../credentials/service-names.js';
import { serviceTypes } from '../credentials/service-types.js';
import type { ServiceTypeName } from '../credentials/service-types.js';
import type { Run } from './context.js';
import { downloadCredentialsCommand } from './download-credentials.js';
import type { NamedUser } from './open-services.js';
import { readDuration } from './read-duration.js';
import { setSelfServiceCommand } from './self-service.js';
import {
  createServiceCommand,
  deleteServiceCommand,
  listServicesCommand,
  showServiceCommand,
} from './service.js';
import { trustUpdatedCommand } from './trust-updated.js';
import {
  acknowledgeRenewalCommand,
  createServiceUserCommand,
  deleteServiceUserCommand,
  listServiceUsersCommand,
  resetServiceUserCommand,
  showServiceUserCommand,
} from './service-user.js';
import { addNodeOptions, addServiceNodeCommands, nodeConfig } from './service-nodes.js';
import type { NodeFlags } from './service-nodes.js';

interface CreateFlags extends NodeFlags {
  readonly type: ServiceTypeName;
  readonly host?: string;
  readonly port?: number;
  readonly certificates?: true;
  readonly techEmail?: readonly string[];
  readonly certificateValidity?: number;
  readonly renewBefore?: number;
}

interface DownloadFlags {
  readonly dir: string;
  readonly format: ExportFormatName;
}

/** `everleaf service ...` as a table. */
export function addServiceCommands(program: Program, run: Run): void {
  const service = program.command('service').description('services of a project');
  service
    .command('list <project>')
    .description('its services')
    .action((project: string) => run(listServicesCommand, { project }));
  addNodeOptions(service.command('create <project> <name>'))
    .description('make a service with its primary user')
    .addOption(
      new Option('--type <type>', 'what it is')
        .choices(Object.keys(serviceTypes))
        .makeOptionMandatory(),
    )
    .option('--host <host>', 'where clients connect to', readHost)
    .option('--port <port>', 'its port (default: the usual one of the type)', readPort)
    .option('--certificates', 'users authenticate by certificate; those of kafka do anyway')
    .option('--tech-email <email...>', 'who gets its mail instead of the addresses of the project')
    .option('--certificate-validity <duration>', 'such as 365d', readDuration)
    .option('--renew-before <duration>', 'such as 30d: so long before the end', readDuration)
    .action((project: string, name: string, flags: CreateFlags) =>
      run(createServiceCommand, {
        project,
        name,
        type: flags.type,
        host: flags.host,
        port: flags.port,
        certificates: flags.certificates === true,
        techEmails: flags.techEmail ?? [],
        validitySeconds: flags.certificateValidity,
        renewBeforeSeconds: flags.renewBefore,
        nodeConfig: nodeConfig(flags),
      }),
    );
  service
    .command('show <project> <name>')
    .description('one service')
    .action((project: string, name: string) => run(showServiceCommand, { project, name }));
  service
    .command('delete <project> <name>')
    .description('delete a service and its users; their certificates are revoked')
    .action((project: string, name: string) => run(deleteServiceCommand, { project, name }));
  addServiceNodeCommands(service, run);
  service
    .command('trust-updated <project> <name>')
    .description("report how far a service is in the roll-over of its project's CA")
    .addOption(
      new Option('--phase <phase>', '1: it trusts both CAs; 2: its certificate is of the new one')
        .choices(['1', '2'])
        .makeOptionMandatory(),
    )
    .action((project: string, name: string, { phase }: { phase: '1' | '2' }) =>
      run(trustUpdatedCommand, { project, name, phase: phase === '1' ? 1 : 2 }),
    );
}

/** `everleaf user ...` as a table. */
export function addServiceUserCommands(program: Program, run: Run): void {
  const user = program.command('user').description('users of a service and their credentials');
  const add = (name: string, description: string): Program =>
    user.command(`${name} <project> <service> <user>`).description(description);
  type Words = [project: string, service: string, username: string];
  const named = (...[project, service, username]: Words): NamedUser => ({
    project,
    service,
    username,
  });
  user
    .command('list <project> <service>')
    .description('its users and when their certificates end')
    .action((project: string, service: string) =>
      run(listServiceUsersCommand, { project, service }),
    );
  add('create', 'make a user').action((...[project, service, username]: Words) =>
    run(createServiceUserCommand, named(project, service, username)),
  );
  add('show', 'one user')
    .option('--password', 'with its password')
    .action((...[project, service, username, flags]: [...Words, { password?: true }]) =>
      run(showServiceUserCommand, {
        ...named(project, service, username),
        withPassword: flags.password === true,
      }),
    );
  add('delete', 'delete a user; its certificates are revoked').action(
    (...[project, service, username]: Words) =>
      run(deleteServiceUserCommand, named(project, service, username)),
  );
  add('reset', 'a new password, key and certificate at once').action(
    (...[project, service, username]: Words) =>
      run(resetServiceUserCommand, named(project, service, username)),
  );
  add('acknowledge', 'the renewed pair is in use: its announcements end').action(
    (...[project, service, username]: Words) =>
      run(acknowledgeRenewalCommand, named(project, service, username)),
  );
  addSelfService(add, run);
  add('download', 'write key, certificate and CA into files')
    .option('--dir <folder>', 'where to', '.')
    .addOption(
      new Option('--format <format>', 'which files: PEM, one PKCS#12 file, or both stores of Java')
        .choices(exportFormatNames)
        .default('pem'),
    )
    .action((...[project, service, username, flags]: [...Words, DownloadFlags]) =>
      run(downloadCredentialsCommand, {
        ...named(project, service, username),
        folder: flags.dir,
        format: flags.format,
      }),
    );
}

function addSelfService(add: (name: string, description: string) => Program, run: Run): void {
  add('self-service', 'whether its holder fetches renewed pairs by certificate')
    .addArgument(new Argument('<state>').choices(['on', 'off']))
    .action((project: string, service: string, username: string, state: string) =>
      run(setSelfServiceCommand, { project, service, username, isEnabled: state === 'on' }),
    );
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^[1-9][0-9]{0,4}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a whole number from 1 to 65535.');
}

function readHost(text: string): string {
  if (text !== '' && isHost(text)) return text;
  throw new InvalidArgumentError('It must be a host name or an address.');
}
