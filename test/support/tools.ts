import { spawnSync } from 'node:child_process';

/** Those of the commands that this machine has. The others are left out loudly, and never in CI. */
export function installed(...commands: readonly string[]): readonly string[] {
  return commands.filter((command) => {
    const found = spawnSync('sh', ['-c', 'command -v "$0"', command]).status === 0;
    if (!found && process.env['CI'] !== undefined) throw new Error(`${command} is not installed`);
    if (!found) console.warn(`SKIPPED: what needs ${command}, which is not installed`);
    return found;
  });
}
