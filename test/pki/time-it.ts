/** Milliseconds of the fastest of three runs: what the input costs, not what the machine was doing besides. */
export function millisecondsOf(run: () => unknown): number {
  const runs = [0, 0, 0].map(() => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return Math.min(...runs);
}
