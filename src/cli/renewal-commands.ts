import { Option } from 'commander';
import type { Command as Program } from 'commander';
import { revocationReasons } from '../pki/revocation-reason.js';
import type { RevocationReason } from '../pki/revocation-reason.js';
import type { Run } from './context.js';
import { later } from './later.js';

const userRecipientsCommand = later(
  async () => (await import('./next-renewal.js')).userRecipientsCommand,
);
const userRequestCommand = later(
  async () => (await import('./next-renewal.js')).userRequestCommand,
);
const acknowledgeServiceCommand = later(
  async () => (await import('./renew.js')).acknowledgeServiceCommand,
);
const renewProjectCommand = later(async () => (await import('./renew.js')).renewProjectCommand);
const renewServiceCommand = later(async () => (await import('./renew.js')).renewServiceCommand);
const renewUserCommand = later(async () => (await import('./renew.js')).renewUserCommand);
const revokeOldCommand = later(async () => (await import('./renew.js')).revokeOldCommand);

interface Again {
  readonly again?: true;
}

const again = ['--again', 'also where a renewal waits for its acknowledgement'] as const;

/** `everleaf project renew`. */
export function addProjectRenewals(project: Program, run: Run): void {
  project
    .command('renew <name>')
    .description('renew all users of all services; a running gateway does it')
    .option(...again)
    .action((name: string, flags: Again) =>
      run(renewProjectCommand, { project: name, again: flags.again === true }),
    );
}

/** `everleaf service renew|acknowledge`. */
export function addServiceRenewals(service: Program, run: Run): void {
  service
    .command('renew <project> <name>')
    .description('renew all users; a running gateway does it')
    .option(...again)
    .action((project: string, name: string, flags: Again) =>
      run(renewServiceCommand, { project, name, again: flags.again === true }),
    );
  service
    .command('acknowledge <project> <name>')
    .description('the renewed pairs of all users are in use')
    .action((project: string, name: string) => run(acknowledgeServiceCommand, { project, name }));
}

/** `everleaf user renew|revoke-old|request|recipients`. */
export function addUserRenewals(user: Program, run: Run): void {
  type Named<Flags> = [project: string, service: string, username: string, flags: Flags];
  const add = (name: string, description: string): Program =>
    user.command(`${name} <project> <service> <user>`).description(description);
  add('renew', 'a new certificate now, and a new key unless its holder made it')
    .option(...again)
    .action((...[project, service, username, flags]: Named<Again>) =>
      run(renewUserCommand, { project, service, username, again: flags.again === true }),
    );
  add('revoke-old', 'revoke the certificates before the present one')
    .addOption(
      new Option('--reason <reason>', 'by the names of RFC 5280')
        .choices(Object.keys(revocationReasons))
        .default('superseded'),
    )
    .action((...[project, service, username, { reason }]: Named<{ reason: RevocationReason }>) =>
      run(revokeOldCommand, { project, service, username, reason }),
    );
  add('request', "the holder's own certification request for the next renewal")
    .option('--csr <file>', 'PEM or DER, as openssl req -new writes it')
    .option('--withdraw', 'take it back')
    .action(
      async (
        ...[project, service, username, { csr, withdraw }, self]: [
          ...Named<{ csr?: string; withdraw?: true }>,
          Program,
        ]
      ) => {
        if ((csr === undefined) === (withdraw === undefined))
          self.error('error: give --csr FILE or --withdraw: one of them');
        await run(userRequestCommand, { project, service, username, file: csr });
      },
    );
  add('recipients', 'who else hears of the renewals of this user')
    .option('--add <email...>', 'addresses')
    .option('--remove <email...>', 'addresses')
    .action(
      (
        ...[project, service, username, flags]: Named<{
          add?: readonly string[];
          remove?: readonly string[];
        }>
      ) => {
        const { add: added = [], remove = [] } = flags;
        return run(userRecipientsCommand, { project, service, username, add: added, remove });
      },
    );
}
