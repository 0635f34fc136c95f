import { execFileSync, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** The core of what is measured; the generator has the next one, so that neither takes time from the other. */
const measuredCore = '0';
const generatorCore = '1';

const canPin =
  availableParallelism() > 1 && spawnSync('taskset', ['-c', measuredCore, 'true']).status === 0;

/** Puts this process on the generator's core; says whether that can be done here. */
export function pinGenerator(): boolean {
  if (!canPin) return false;
  execFileSync('taskset', ['-a', '-p', '-c', generatorCore, String(process.pid)]);
  return true;
}

/** The command as it has to be run to stay on the measured core. */
export function onMeasuredCore(command: readonly [string, ...string[]]): [string, ...string[]] {
  return canPin ? ['taskset', '-c', measuredCore, ...command] : [...command];
}
