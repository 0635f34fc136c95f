import { Failure } from '../failure.js';

/** Runs work when its turn comes. */
export type Enqueue = <Result>(work: () => Promise<Result>) => Promise<Result>;

/**
 * At most `atOnce` pieces of work at the same time, in order of arrival. With more than `waiting` of them in line a
 * new one is refused: Failure `rate-limited`.
 */
export function makeWorkQueue(limits: {
  readonly atOnce: number;
  readonly waiting: number;
}): Enqueue {
  const line: (() => void)[] = [];
  let running = 0;
  const leave = (): void => {
    const next = line.shift();
    if (next === undefined) running -= 1;
    else next();
  };
  return async (work) => {
    if (running < limits.atOnce) running += 1;
    else if (line.length < limits.waiting) await new Promise<void>((resolve) => line.push(resolve));
    else throw tooBusy();
    try {
      return await work();
    } finally {
      leave();
    }
  };
}

function tooBusy(): Failure {
  return new Failure('rate-limited', 'Too many sign-ins at once: try again in 5 seconds.', {
    retryAfterSeconds: 5,
  });
}
