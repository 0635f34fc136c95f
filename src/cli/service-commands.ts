import { Option } from 'commander';
import type { Command as Program } from 'commander';
import { serviceTypes } from '../credentials/service-types.js';
import type { ServiceTypeName } from '../credentials/service-types.js';
import type { Run } from './context.js';
import { downloadCredentialsCommand } from './download-credentials.js';
import type { NamedUser } from './open-services.js';
import { readDuration } from './read-duration.js';
import { addServiceRenewals, addUserRenewals } from './renewal-commands.js';
import { readHost, readPort } from './service-address.js';
import {
  createServiceCommand,
  deleteServiceCommand,
  listServicesCommand,
  showServiceCommand,
} from './service.js';
import {
  acknowledgeRenewalCommand,
  createServiceUserCommand,
  deleteServiceUserCommand,
  listServiceUsersCommand,
  resetServiceUserCommand,
  showServiceUserCommand,
} from './service-user.js';

interface CreateFlags {
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
  service
    .command('create <project> <name>')
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
  addServiceRenewals(service, run);
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
  add('download', 'write ca.pem, service.cert and service.key')
    .option('--dir <folder>', 'where to', '.')
    .action((...[project, service, username, { dir }]: [...Words, { dir: string }]) =>
      run(downloadCredentialsCommand, { ...named(project, service, username), folder: dir }),
    );
  addUserRenewals(user, run);
}
