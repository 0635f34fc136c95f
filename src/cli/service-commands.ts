import { Option } from 'commander';
import type { Command as Program } from 'commander';
import { serviceTypes } from '../credentials/service-types.js';
import type { ServiceTypeName } from '../credentials/service-types.js';
import { addServiceChange } from './change-commands.js';
import type { Run } from './context.js';
import { later } from './later.js';
import { readDuration } from './read-duration.js';
import { addServiceRenewals } from './renewal-commands.js';
import { readHost, readPort } from './service-address.js';
import { addNodeOptions, addServiceNodeCommands, nodeConfig } from './service-nodes.js';
import type { NodeFlags } from './service-nodes.js';

const createServiceCommand = later(async () => (await import('./service.js')).createServiceCommand);
const deleteServiceCommand = later(async () => (await import('./service.js')).deleteServiceCommand);
const listServicesCommand = later(async () => (await import('./service.js')).listServicesCommand);
const showServiceCommand = later(async () => (await import('./service.js')).showServiceCommand);
const trustUpdatedCommand = later(
  async () => (await import('./trust-updated.js')).trustUpdatedCommand,
);

interface CreateFlags extends NodeFlags {
  readonly type: ServiceTypeName;
  readonly host?: string;
  readonly port?: number;
  readonly certificates?: true;
  readonly techEmail?: readonly string[];
  readonly certificateValidity?: number;
  readonly renewBefore?: number;
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
  addServiceChange(service, run);
  addServiceNodeCommands(service, run);
  addTrustUpdated(service, run);
  addServiceRenewals(service, run);
}

function addTrustUpdated(service: Program, run: Run): void {
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
