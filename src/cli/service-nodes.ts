import { InvalidArgumentError, Option } from 'commander';
import type { Command as Program } from 'commander';
import { clientsTrusts } from '../credentials/client-ca.js';
import type { ClientsTrust } from '../credentials/client-ca.js';
import { isNodeHost } from '../credentials/node-hosts.js';
import type { JsonObject } from '../credentials/service.js';
import type { Run } from './context.js';
import { later } from './later.js';

const connectionCommand = later(
  async () => (await import('./service-connection.js')).connectionCommand,
);
const certifyServiceCommand = later(
  async () => (await import('./service-certificate.js')).certifyServiceCommand,
);

/** What the command line says of a service's servers. */
export interface NodeFlags {
  readonly nodeHost?: readonly string[];
  readonly clientsTrust?: ClientsTrust;
}

/** The options of a command that makes or changes a service. */
export function addNodeOptions(command: Program): Program {
  return command
    .option(
      '--node-host <host...>',
      'all further hosts that server certificates may name, such as brokers or *.kafka.example.com',
      readNodeHost,
    )
    .addOption(
      new Option(
        '--clients-trust <ca>',
        'what server certificates come from (default: project_ca)',
      ).choices(clientsTrusts),
    );
}

/** What they make of the service's `user_config`; nothing where none of them is given. */
export function nodeConfig({ nodeHost, clientsTrust }: NodeFlags): JsonObject {
  return {
    ...(nodeHost === undefined ? {} : { hosts: nodeHost }),
    ...(clientsTrust === undefined ? {} : { clients_trust: clientsTrust }),
  };
}

/** Commands of a service that concern its servers and how clients reach them. */
export function addServiceNodeCommands(service: Program, run: Run): void {
  service
    .command('certificate <project> <service>')
    .description('a server certificate by the CA of the project, for hosts of the service')
    .requiredOption('--csr <file>', 'certification request, PEM or DER, with its hosts')
    .option('--out <file>', 'where the certificate goes (default: standard output)')
    .action((project: string, name: string, { csr, out }: { csr: string; out?: string }) =>
      run(certifyServiceCommand, { project, name, requestFile: csr, outFile: out }),
    );
  service
    .command('connection <project> <service>')
    .description('lines with which clients connect, and what each of them checks')
    .option('--user <user>', 'as whom (default: the primary user)')
    .action((project: string, name: string, { user }: { user?: string }) =>
      run(connectionCommand, { project, name, username: user }),
    );
}

function readNodeHost(text: string, before: readonly string[] = []): readonly string[] {
  if (isNodeHost(text)) return [...before, text];
  throw new InvalidArgumentError('It must be a host name, *. and one, or an address.');
}
