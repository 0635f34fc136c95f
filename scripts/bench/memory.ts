import { median } from './load.js';
import { memoryOf } from './process-usage.js';
import { renew } from './renewals.js';
import type { Station } from './renewals.js';

/** Resident memory of a gateway in megabytes. */
export interface Memory {
  readonly peak: number;
  /** Late against early, once the heap has found its size: 1 is flat. */
  readonly growth: number;
}

const megabyte = 1024 * 1024;

/** Keeps a warm gateway under load and looks at its memory after each of `samples` runs. */
export async function measureMemory(
  station: Station,
  { samples, perRun }: { samples: number; perRun: number },
): Promise<Memory> {
  const { pid } = station.server;
  const seen: number[] = [];
  for (let sample = 0; sample < samples; sample += 1) {
    await renew(station, { count: perRun, inFlight: 16, connections: 'kept alive' });
    seen.push(memoryOf(pid).now);
  }
  const quarter = Math.ceil(samples / 4);
  const early = median(seen.slice(quarter, 2 * quarter));
  return {
    peak: memoryOf(pid).peak / megabyte,
    growth: median(seen.slice(-quarter)) / early,
  };
}
