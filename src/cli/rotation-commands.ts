import { Option } from 'commander';
import type { Command as Program } from 'commander';
import { oldCertificateFates } from '../governance/rotation-policy.js';
import { withAdminOptions } from './admin-options.js';
import type { Run } from './context.js';
import { later } from './later.js';
import type { AdminOptions } from './open-admin.js';
import { readCount } from './read-count.js';

const approveRotationCommand = later(
  async () => (await import('./approve-rotation.js')).approveRotationCommand,
);
const declineRotationCommand = later(
  async () => (await import('./rotation.js')).declineRotationCommand,
);
const deleteRotationCommand = later(
  async () => (await import('./rotation.js')).deleteRotationCommand,
);
const listRotationsCommand = later(
  async () => (await import('./rotation.js')).listRotationsCommand,
);
const requestRotationCommand = later(
  async () => (await import('./rotation.js')).requestRotationCommand,
);
const revealRotationCommand = later(
  async () => (await import('./reveal-rotation.js')).revealRotationCommand,
);
const showRotationCommand = later(async () => (await import('./rotation.js')).showRotationCommand);

interface RequestFlags extends AdminOptions {
  readonly message: string;
  readonly revokeOld: string;
}

interface ListFlags extends AdminOptions {
  readonly waiting?: true;
  readonly limit: number;
}

interface ApproveFlags extends AdminOptions {
  readonly yes?: true;
  readonly digest?: string;
  readonly message?: string;
}

interface RevealFlags extends AdminOptions {
  readonly dir?: string;
  readonly force?: true;
}

/** `everleaf rotation ...` as a table; each command acts as the person whose token it is given. */
export function addRotationCommands(program: Program, run: Run): void {
  const rotation = program
    .command('rotation')
    .description('new credentials of an access, with the consent of a colleague');
  const add = (name: string, description: string): Program =>
    withAdminOptions(rotation.command(name).description(description));
  const addNamed = (name: string, description: string): Program =>
    add(`${name} <access> <rotation>`, description);
  addRequest(add, run);
  add('list [access]', 'requests of an access, or of all your groups')
    .option('--waiting', 'those that wait for your decision')
    .option('--limit <number>', 'how many', readCount, 50)
    .action((access: string | undefined, { waiting, ...as }: ListFlags, self: Program) => {
      if (access !== undefined && waiting === true)
        self.error('error: --waiting is about all accesses: name none');
      return run(listRotationsCommand, { ...as, access, isWaiting: waiting === true });
    });
  addNamed('show', 'a request, and all that its approval binds').action(
    (access: string, id: string, as: AdminOptions) =>
      run(showRotationCommand, { ...as, access, rotation: id }),
  );
  addApprove(addNamed, run);
  addNamed('decline', 'refuse a request')
    .requiredOption('--reason <text>', 'why; the requester reads it')
    .action((access: string, id: string, flags: AdminOptions & { reason: string }) =>
      run(declineRotationCommand, { ...flags, access, rotation: id }),
    );
  addNamed('delete', 'take back your own request').action(
    (access: string, id: string, as: AdminOptions) =>
      run(deleteRotationCommand, { ...as, access, rotation: id }),
  );
  addReveal(addNamed, run);
}

type Add = (name: string, description: string) => Program;

function addRequest(add: Add, run: Run): void {
  add('request <access>', 'ask the other members of the owner group for new credentials')
    .requiredOption('--message <text>', 'why; whoever decides reads it')
    .addOption(
      new Option('--revoke-old <when>', 'what becomes of the old certificates after the reveal')
        .choices(oldCertificateFates)
        .default('keep'),
    )
    .action((access: string, flags: RequestFlags) =>
      run(requestRotationCommand, { ...flags, access }),
    );
}

function addApprove(addNamed: Add, run: Run): void {
  addNamed('approve', "show a colleague's request, ask, and consent to what was shown")
    .option('--yes', 'without asking')
    .option('--digest <digest>', 'consent to what was shown elsewhere, with this digest')
    .option('--message <text>', 'a word to the requester')
    .action((access: string, id: string, { yes, digest, message, ...as }: ApproveFlags) =>
      run(approveRotationCommand, {
        ...as,
        access,
        rotation: id,
        digest,
        message,
        isAsked: yes !== true,
      }),
    );
}

function addReveal(addNamed: Add, run: Run): void {
  addNamed('reveal', 'write the new credentials into files; they are handed out this once')
    .option('--dir <folder>', 'where to: an empty folder, or a new one')
    .option('--force', 'write over files that are there')
    .action((access: string, id: string, { dir, force, ...as }: RevealFlags, self: Program) => {
      if (dir === undefined && self.optsWithGlobals<{ json?: boolean }>().json !== true)
        self.error('error: say where to with --dir FOLDER, or take the answer with --json');
      const where = { folder: dir, overwrites: force === true };
      return run(revealRotationCommand, { ...as, ...where, access, rotation: id });
    });
}
