import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Figure } from './figures.js';
import { median } from './load.js';
import { onMeasuredCore } from './pinning.js';

/** A record with this many revoked certificates on SQLite in `folder`, and how often its list is made. */
export interface ListOrder {
  readonly folder: string;
  readonly entries: number;
  readonly runs: number;
}

/** What it took to make a list and what it takes another process to restore it; milliseconds. */
export interface ListRun {
  readonly build: ListCost;
  readonly restore: ListCost;
}

interface ListCost {
  readonly totalMs: number;
  /** Of all threads. */
  readonly cpuMs: number;
  /** The longest time for which the event loop did not turn. */
  readonly longestBlockMs: number;
}

/** Makes the list again and again in a process of its own, on the measured core. */
export async function measureRevocationList(order: ListOrder): Promise<ListRun[]> {
  const worker = new URL('./revocation-list-worker.ts', import.meta.url);
  const [file, ...words] = onMeasuredCore([process.execPath, '--import', 'tsx']);
  const child = fork(worker, { execPath: file, execArgv: words });
  child.send(order);
  const [runs] = (await Promise.race([once(child, 'message'), fail(child)])) as [ListRun[]];
  child.disconnect();
  return runs;
}

async function fail(child: ReturnType<typeof fork>): Promise<never> {
  const [code] = (await once(child, 'exit')) as [number | null];
  throw new Error(`the revocation list could not be measured: exit code ${String(code)}`);
}

/** Medians, with what they have to reach for a list of 100 thousand entries. */
export function revocationListFigures(entries: number, runs: readonly ListRun[]): Figure[] {
  const of = (pick: (run: ListRun) => number): number => median(runs.map(pick));
  return [
    {
      name: 'read, encode, sign, verify and keep, CPU an entry',
      unit: 'ns',
      value: (of(({ build }) => build.cpuMs) * 1e6) / entries,
      atMost: 1000,
    },
    {
      name: '  the whole list, CPU',
      unit: 'ms',
      value: of(({ build }) => build.cpuMs),
      atMost: 60,
    },
    { name: '  the whole list', unit: 'ms', value: of(({ build }) => build.totalMs) },
    {
      name: '  longest block of the event loop',
      unit: 'ms',
      value: of(({ build }) => build.longestBlockMs),
      atMost: 10,
    },
    {
      name: 'restore by another process, CPU',
      unit: 'ms',
      value: of(({ restore }) => restore.cpuMs),
    },
    {
      name: '  longest block of the event loop',
      unit: 'ms',
      value: of(({ restore }) => restore.longestBlockMs),
      atMost: 10,
    },
  ];
}
