import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { onMeasuredCore } from './pinning.js';

/** A process on the measured core. */
export interface MeasuredProcess {
  readonly pid: number;
  readonly stdout: Readable;
  stop(): Promise<void>;
}

const running = new Set<MeasuredProcess>();

/** Starts a command there; its standard input stays open, its standard error goes to `log`, a file descriptor. */
export function startMeasured(
  command: readonly [string, ...string[]],
  options: { readonly env?: NodeJS.ProcessEnv; readonly log?: number } = {},
): MeasuredProcess {
  const [file, ...words] = onMeasuredCore(command);
  const { env, log = 'ignore' } = options;
  const child = spawn(file, words, { stdio: ['pipe', 'pipe', log], ...(env && { env }) });
  const ended = once(child, 'exit');
  if (child.pid === undefined || child.stdout === null) throw new Error(`${file} did not start`);
  const measured: MeasuredProcess = {
    pid: child.pid,
    stdout: child.stdout,
    stop: async () => {
      running.delete(measured);
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
  running.add(measured);
  return measured;
}

/** Ends everything that was started and not stopped. */
export async function stopAll(): Promise<void> {
  for (const measured of [...running]) await measured.stop();
}
