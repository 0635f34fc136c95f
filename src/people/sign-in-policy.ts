/** Attempts to sign in that have not succeeded, and when the last one was. */
export interface Failed {
  readonly count: number;
  readonly lastAt: number;
}

const forgottenAfterSeconds = 300;
const freeFromOneAddress = 5;
const freeFromEverywhere = 10;
const longestSlowDownSeconds = 60;

/** What counts now of attempts noted before. */
export function failedNow(failed: Failed | undefined, now: number): Failed {
  return failed !== undefined && now - failed.lastAt < forgottenAfterSeconds
    ? failed
    : { count: 0, lastAt: now };
}

/** Seconds for which one address has to leave one account alone: five minutes after five failures. */
export function lockOut(failed: Failed, now: number): number {
  if (failed.count < freeFromOneAddress) return 0;
  return failed.lastAt + forgottenAfterSeconds - now;
}

/**
 * Seconds until the next attempt on one account, from whatever address: 1, 2, 4 ... and never more than 60, since
 * its owner must not be locked out by others.
 */
export function slowDown(failed: Failed, now: number): number {
  if (failed.count < freeFromEverywhere) return 0;
  const pause = Math.min(2 ** (failed.count - freeFromEverywhere), longestSlowDownSeconds);
  return Math.max(0, failed.lastAt + pause - now);
}
