import type { Command as Program } from 'commander';
import type { Run } from './context.js';
import { later } from './later.js';
import { readDuration } from './read-duration.js';

const listExpiriesCommand = later(async () => (await import('./expiry.js')).listExpiriesCommand);

interface Flags {
  readonly project?: string;
  readonly within: number;
  readonly ics?: true;
}

/** `everleaf expiry` as a table. */
export function addExpiryCommand(program: Program, run: Run): void {
  program
    .command('expiry')
    .description('what ends when, and who has to act')
    .option('--project <name>', 'of that project alone (default: everything on record)')
    .option('--within <duration>', 'so far ahead (default: 90d)', readDuration, 90 * 86_400)
    .option('--ics', 'as a calendar')
    .action(async ({ project, within, ics }: Flags, self: Program) => {
      if (ics === true && self.optsWithGlobals<{ json?: true }>().json === true)
        self.error('error: --ics is another form than --json: one of them');
      await run(listExpiriesCommand, {
        project,
        withinSeconds: within,
        isCalendar: ics === true,
      });
    });
}
