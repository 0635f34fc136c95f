import { Option } from 'commander';
import type { Command as Program } from 'commander';
import type { AuthorityKeyType } from '../pki/authority-key.js';
import { revocationReasons } from '../pki/revocation-reason.js';
import type { RevocationReason } from '../pki/revocation-reason.js';
import type { Run } from './context.js';
import { later } from './later.js';
import { readDuration } from './read-duration.js';
import { readMoment } from './read-date.js';
import type { Moment } from './read-date.js';

const listAuthoritiesCommand = later(async () => (await import('./ca.js')).listAuthoritiesCommand);
const showAuthorityCommand = later(async () => (await import('./ca.js')).showAuthorityCommand);
const activateAuthorityCommand = later(
  async () => (await import('./ca-steps.js')).activateAuthorityCommand,
);
const retireAuthorityCommand = later(
  async () => (await import('./ca-steps.js')).retireAuthorityCommand,
);
const revokeAuthorityCommand = later(
  async () => (await import('./ca-steps.js')).revokeAuthorityCommand,
);
const showProjectCaCommand = later(
  async () => (await import('./project-ca.js')).showProjectCaCommand,
);
const activateProjectCaCommand = later(
  async () => (await import('./project-ca-steps.js')).activateProjectCaCommand,
);
const prepareProjectCaCommand = later(
  async () => (await import('./project-ca-steps.js')).prepareProjectCaCommand,
);
const retireProjectCaCommand = later(
  async () => (await import('./project-ca-steps.js')).retireProjectCaCommand,
);
const prepareAuthorityCommand = later(
  async () => (await import('./ca-rotate.js')).prepareAuthorityCommand,
);
const showRollOverCommand = later(
  async () => (await import('./roll-over-progress.js')).showRollOverCommand,
);

/** `everleaf ca ...` as a table. */
export function addAuthorityCommands(program: Program, run: Run): void {
  const ca = program.command('ca').description('certificate authorities');
  ca.command('list')
    .description('authorities and their states')
    .action(() => run(listAuthoritiesCommand, {}));
  ca.command('show [id]')
    .description('certificate and chain of an authority, the active one by default')
    .action((id: string | undefined) => run(showAuthorityCommand, { id }));
  addRollOverCommands(ca, run);
  ca.command('revoke <id>')
    .description('an authority that is not to be trusted any more; its holders are asked to renew')
    .addOption(
      new Option('--reason <reason>', 'reason name of RFC 5280')
        .choices(Object.keys(revocationReasons))
        .default('cACompromise'),
    )
    .action((id: string, { reason }: { reason: RevocationReason }) =>
      run(revokeAuthorityCommand, { id, reason }),
    );
}

interface PrepareFlags {
  readonly activateAt?: Moment;
  readonly keyType?: AuthorityKeyType;
  readonly validity?: number;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly chainFile?: string;
}

interface StepFlags {
  readonly at?: Moment;
  readonly force?: true;
}

/** It may stand before a step or behind it. */
interface ProjectFlag {
  readonly project?: string;
}

const ofProject = "of that project's CA instead of the gateway's";

function addRollOverCommands(ca: Program, run: Run): void {
  const rotate = ca
    .command('rotate')
    .description('how far the roll-over to the next authority is, and who still needs the old one')
    .option('--project <project>', ofProject)
    .action(({ project }: ProjectFlag) =>
      project === undefined ? run(showRollOverCommand, {}) : run(showProjectCaCommand, { project }),
    );
  rotate
    .command('prepare')
    .description('first step: put the next authority on record and publish it')
    .option('--activate-at <date>', 'when it becomes active by itself', readMoment)
    .addOption(
      new Option('--key-type <type>', 'of its key (default: EVERLEAF_CA_KEY_TYPE)')
        .choices(['ec-p256', 'ec-p384', 'rsa-2048', 'rsa-3072', 'rsa-4096'])
        .conflicts(['certFile', 'keyFile', 'chainFile']),
    )
    .addOption(
      new Option('--validity <duration>', 'its life (default: EVERLEAF_CA_VALIDITY)')
        .argParser(readDuration)
        .conflicts(['certFile', 'keyFile', 'chainFile']),
    )
    .option('--cert-file <file>', 'bring your own: certificate, PEM')
    .option('--key-file <file>', 'its key, PEM; it is sealed and kept in the database')
    .option('--chain-file <file>', 'its issuers up to the root')
    .option('--project <project>', ofProject)
    .action((flags: PrepareFlags, command: Program) => {
      const { project } = command.optsWithGlobals<ProjectFlag>();
      const { activateAt, keyType, validity, certFile, keyFile, chainFile } = flags;
      const hasPair = certFile !== undefined && keyFile !== undefined;
      if (!hasPair && (certFile ?? keyFile ?? chainFile) !== undefined)
        command.error('error: --cert-file and --key-file go together; --chain-file needs both');
      if (project !== undefined) {
        if (hasPair) command.error('error: the CA of a project is made here: leave the files out');
        return run(prepareProjectCaCommand, {
          project,
          activateAt,
          keyType,
          validitySeconds: validity,
        });
      }
      return run(prepareAuthorityCommand, {
        activateAt,
        keyType,
        validitySeconds: validity,
        certFile,
        keyFile,
        chainFile,
      });
    });
  addStepCommands(rotate, run);
}

function addStepCommands(rotate: Program, run: Run): void {
  rotate
    .command('activate [id]')
    .description('second step: the prepared authority signs everything new')
    .option('--at <date>', 'not now but then; none takes a date back', readMoment)
    .option('--project <project>', ofProject)
    .addOption(
      new Option('--force', 'of a project: although services do not trust it yet').conflicts('at'),
    )
    .action((id: string | undefined, { at, force }: StepFlags, command: Program) => {
      const { project } = command.optsWithGlobals<ProjectFlag>();
      const order = { id, at, isForced: force === true };
      if (project !== undefined) return run(activateProjectCaCommand, { ...order, project });
      if (order.isForced) command.error('error: --force needs --project PROJECT here');
      return run(activateAuthorityCommand, order);
    });
  rotate
    .command('retire [id]')
    .description('last step: certificates of the old authority are no longer accepted')
    .option('--at <date>', 'not now but then; none takes a date back', readMoment)
    .addOption(new Option('--force', 'although somebody is cut off by it').conflicts('at'))
    .option('--project <project>', ofProject)
    .action((id: string | undefined, { at, force }: StepFlags, command: Program) => {
      const { project } = command.optsWithGlobals<ProjectFlag>();
      const order = { id, at, isForced: force === true };
      return project === undefined
        ? run(retireAuthorityCommand, order)
        : run(retireProjectCaCommand, { ...order, project });
    });
}
