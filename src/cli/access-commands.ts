import type { Command as Program } from 'commander';
import { withAdminOptions } from './admin-options.js';
import type { Run } from './context.js';
import { later } from './later.js';
import type { AdminOptions } from './open-admin.js';
import { readCount } from './read-count.js';

const createAccessCommand = later(async () => (await import('./access.js')).createAccessCommand);
const deleteAccessCommand = later(async () => (await import('./access.js')).deleteAccessCommand);
const kafkaAclsCommand = later(async () => (await import('./access.js')).kafkaAclsCommand);
const listAccessesCommand = later(async () => (await import('./access.js')).listAccessesCommand);
const showAccessCommand = later(async () => (await import('./access.js')).showAccessCommand);

interface CreateFlags extends AdminOptions {
  readonly project: string;
  readonly service: string;
  readonly user?: string;
  readonly group: string;
  readonly read: readonly string[];
  readonly write: readonly string[];
}

interface ListFlags extends AdminOptions {
  readonly group?: string;
  readonly topic?: string;
  readonly limit: number;
}

/** `everleaf access ...` as a table; each command acts as the person whose token it is given. */
export function addAccessCommands(program: Program, run: Run): void {
  const access = program
    .command('access')
    .description('service users that a group owns: new credentials take two of its members');
  const add = (name: string, description: string): Program =>
    withAdminOptions(access.command(name).description(description));
  addCreate(add, run);
  add('list', 'accesses of an organization')
    .option('--group <group>', 'owned by this group, by name or ID')
    .option('--topic <topic>', 'with a right on this topic')
    .option('--limit <number>', 'how many', readCount, 50)
    .action(({ group, topic, ...as }: ListFlags) =>
      run(listAccessesCommand, { ...as, group, topic }),
    );
  add('show <access>', 'one access').action((id: string, as: AdminOptions) =>
    run(showAccessCommand, { ...as, access: id }),
  );
  add('delete <access>', 'let go of the service user, which stays').action(
    (id: string, as: AdminOptions) => run(deleteAccessCommand, { ...as, access: id }),
  );
  add('kafka-acls <access>', 'the script that gives the service user its rights in Kafka').action(
    (id: string, as: AdminOptions) => run(kafkaAclsCommand, { ...as, access: id }),
  );
}

function addCreate(add: (name: string, description: string) => Program, run: Run): void {
  add('create <name>', 'put a service user under a group')
    .requiredOption('--project <name>', 'its project')
    .requiredOption('--service <name>', 'its service, of type kafka')
    .option(
      '--user <name>',
      'one that is there, or is made (default: made under a name of its own)',
    )
    .requiredOption('--group <group>', 'who owns it, by name or ID')
    .option('--read <topic...>', 'topics that it may read', [])
    .option('--write <topic...>', 'topics that it may write to', [])
    .action((name: string, { user, ...flags }: CreateFlags, self: Program) => {
      if (flags.read.length + flags.write.length === 0)
        self.error('error: say what it may do: --read TOPIC or --write TOPIC');
      return run(createAccessCommand, { ...flags, user, name });
    });
}
