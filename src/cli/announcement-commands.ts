import { InvalidArgumentError, Option } from 'commander';
import type { Command as Program } from 'commander';
import type { OutboxState } from '../notifications/outbox-store.js';
import type { Run } from './context.js';
import { later } from './later.js';

const listAnnouncementsCommand = later(
  async () => (await import('./announcement.js')).listAnnouncementsCommand,
);
const retryAnnouncementCommand = later(
  async () => (await import('./announcement.js')).retryAnnouncementCommand,
);

const states = ['waiting', 'sent', 'dead', 'withdrawn'] as const satisfies OutboxState[];

/** `everleaf announcement ...` as a table. */
export function addAnnouncementCommands(program: Program, run: Run): void {
  const announcement = program
    .command('announcement')
    .description('mails and webhooks, and what became of them');
  announcement
    .command('list')
    .description('the latest ones')
    .addOption(new Option('--state <state>', 'only those').choices(states))
    .option('--limit <number>', 'how many', readLimit, 50)
    .action(({ state, limit }: { state?: OutboxState; limit: number }) =>
      run(listAnnouncementsCommand, { state, limit }),
    );
  announcement
    .command('retry')
    .description('send one that was given up: see to it first that it can arrive')
    .argument('<id>', 'its ID, or the beginning of it', readId)
    .action((id: string) => run(retryAnnouncementCommand, { id }));
}

function readId(text: string): string {
  if (/^[0-9a-f]{6,32}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be hex digits, at least six of them.');
}

function readLimit(text: string): number {
  if (/^[1-9][0-9]{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number, 1 or more.');
}
