import { cpuMicros } from './process-usage.js';

/** One run: what a request cost the measured process, how many went through, how long they took. */
export interface Run {
  /** CPU microseconds a request, all threads. */
  readonly micros: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** Sends `count` requests, so many at once, and measures the process that serves them. Times in milliseconds. */
export async function drive(input: {
  readonly pid: number;
  readonly count: number;
  readonly inFlight: number;
  readonly send: (index: number) => Promise<void>;
}): Promise<Run> {
  const { pid, count, inFlight, send } = input;
  const times: number[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      const sentAt = performance.now();
      await send(index);
      times.push(performance.now() - sentAt);
    }
  };
  const usedBefore = cpuMicros(pid);
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: inFlight }, lane));
  const seconds = (performance.now() - startedAt) / 1000;
  const micros = (cpuMicros(pid) - usedBefore) / count;
  times.sort((a, b) => a - b);
  const at = (part: number): number => times[Math.floor(part * (times.length - 1))] ?? 0;
  return { micros, perSecond: count / seconds, p50: at(0.5), p99: at(0.99) };
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? Number.NaN)) / 2;
}
