import { readFileSync } from 'node:fs';

/** The most milliseconds for which one turn of the event loop computes while something runs. */
export async function longestHold(run: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let before = computedMs();
  let next = setImmediate(look);
  function look(): void {
    const now = computedMs();
    longest = Math.max(longest, now - before);
    before = now;
    next = setImmediate(look);
  }
  await run();
  clearImmediate(next);
  return longest;
}

/** What the main thread has computed so far: on Linux without the time in which others had the processor. */
function computedMs(): number {
  if (process.platform !== 'linux') return performance.now();
  const [nanoseconds] = readFileSync('/proc/self/schedstat', 'utf8').split(' ');
  return Number(nanoseconds) / 1e6;
}
