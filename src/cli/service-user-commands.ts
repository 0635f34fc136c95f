import { Argument, Option } from 'commander';
import type { Command as Program } from 'commander';
import { exportFormatNames } from '../credentials/export-format-names.js';
import type { ExportFormatName } from '../credentials/export-format-names.js';
import type { Run } from './context.js';
import { later } from './later.js';
import type { NamedUser } from './open-services.js';
import { addUserRenewals } from './renewal-commands.js';

const downloadCredentialsCommand = later(
  async () => (await import('./download-credentials.js')).downloadCredentialsCommand,
);
const setSelfServiceCommand = later(
  async () => (await import('./self-service.js')).setSelfServiceCommand,
);
const acknowledgeRenewalCommand = later(
  async () => (await import('./service-user.js')).acknowledgeRenewalCommand,
);
const createServiceUserCommand = later(
  async () => (await import('./service-user.js')).createServiceUserCommand,
);
const deleteServiceUserCommand = later(
  async () => (await import('./service-user.js')).deleteServiceUserCommand,
);
const listServiceUsersCommand = later(
  async () => (await import('./service-user.js')).listServiceUsersCommand,
);
const resetServiceUserCommand = later(
  async () => (await import('./service-user.js')).resetServiceUserCommand,
);
const showServiceUserCommand = later(
  async () => (await import('./service-user.js')).showServiceUserCommand,
);

interface DownloadFlags {
  readonly dir: string;
  readonly format: ExportFormatName;
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
  addUserRenewals(user, run);
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
