/** How long a sender has for one entry, in seconds; a crashed sender's claim lapses after it. */
export const claimSeconds = 180;

/** How many attempts an entry gets before somebody has to look at it. */
export const maxAttempts = 7;

const minute = 60;
const hour = 60 * minute;
const pauses = [minute, 5 * minute, 30 * minute, 2 * hour, 6 * hour];
const lastPause = 24 * hour;

/** What becomes of an entry after a failed attempt; `at` in seconds UTC. */
export type NextTry =
  | { readonly state: 'waiting'; readonly at: number }
  | { readonly state: 'dead'; readonly at: number };

/** After attempt number `attempts`, from 1 on: longer and longer pauses, then nothing more. */
export function nextTry(attempts: number, now: number): NextTry {
  if (attempts >= maxAttempts) return { state: 'dead', at: now };
  return { state: 'waiting', at: now + (pauses[attempts - 1] ?? lastPause) };
}
