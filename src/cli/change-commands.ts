import { Option } from 'commander';
import type { Command as Program } from 'commander';
import type { Run } from './context.js';
import { later } from './later.js';
import { readDuration } from './read-duration.js';
import { readHost, readPort } from './service-address.js';
import { addNodeOptions, nodeConfig } from './service-nodes.js';
import type { NodeFlags } from './service-nodes.js';

const changeProjectCommand = later(
  async () => (await import('./change-facts.js')).changeProjectCommand,
);
const changeServiceCommand = later(
  async () => (await import('./change-facts.js')).changeServiceCommand,
);

interface ChangeFlags {
  readonly techEmail?: readonly string[] | false;
  readonly certificateValidity?: number | 'default';
  readonly renewBefore?: number | 'default';
}

interface ServiceFlags extends ChangeFlags, NodeFlags {
  readonly host?: string;
  readonly port?: number;
  readonly power?: 'on' | 'off';
}

/** `everleaf project change`. */
export function addProjectChange(project: Program, run: Run): void {
  const change = project.command('change <name>').description('change a project');
  addFacts(change).action((name: string, flags: ChangeFlags) =>
    run(changeProjectCommand, { name, ...factsOf(flags) }),
  );
}

/** `everleaf service change`. */
export function addServiceChange(service: Program, run: Run): void {
  const change = service.command('change <project> <name>').description('change a service');
  addNodeOptions(addFacts(change))
    .option('--host <host>', 'where clients connect to', readHost)
    .option('--port <port>', 'its port', readPort)
    .addOption(
      new Option('--power <state>', 'nothing is renewed while it is off').choices(['on', 'off']),
    )
    .action((project: string, name: string, flags: ServiceFlags) => {
      const { host, port, power } = flags;
      const userConfig = nodeConfig(flags);
      const order = { project, name, host, port, power, userConfig, ...factsOf(flags) };
      return run(changeServiceCommand, order);
    });
}

function addFacts(command: Program): Program {
  return command
    .option('--tech-email <email...>', 'who gets its mail, instead of those so far')
    .option('--no-tech-email', 'nobody of its own')
    .option('--certificate-validity <duration>', 'such as 365d, or default', readDurationOrDefault)
    .option(
      '--renew-before <duration>',
      'such as 30d: so long before the end, or default',
      readDurationOrDefault,
    );
}

function factsOf({ techEmail, certificateValidity, renewBefore }: ChangeFlags) {
  return {
    techEmails: techEmail === false ? [] : techEmail,
    validitySeconds: certificateValidity === 'default' ? null : certificateValidity,
    renewBeforeSeconds: renewBefore === 'default' ? null : renewBefore,
  };
}

function readDurationOrDefault(text: string): number | 'default' {
  return text === 'default' ? text : readDuration(text);
}
