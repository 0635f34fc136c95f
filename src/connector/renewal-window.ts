/** When a holder should renew, times in seconds UTC. */
export interface RenewalWindow {
  readonly start: number;
  readonly end: number;
  /** After which it should ask again: the window may have moved. */
  readonly askAgainSeconds: number;
}

/** What the window depends on. */
export interface RenewalFacts {
  readonly sha256: string;
  readonly notBefore: number;
  readonly notAfter: number;
  /** Since when the operator wants it renewed at once. */
  readonly hintedAt: number | null;
}

const hour = 3600;
const longestWaitSeconds = 6 * hour;

/**
 * The suggested window: a twelfth of the life, beginning between two thirds and three quarters of it. Where in between
 * follows from the certificate's hash, so that a fleet that was paired at once does not come back at once. A hint moves
 * the window into the past, which means: renew now (as in RFC 9773 4.2).
 */
export function renewalWindow(facts: RenewalFacts): RenewalWindow {
  const { notBefore, notAfter, hintedAt, sha256 } = facts;
  const life = notAfter - notBefore;
  const twelfth = life / 12;
  const askAgainSeconds = Math.max(1, Math.min(longestWaitSeconds, Math.floor(twelfth)));
  if (hintedAt !== null) return { start: hintedAt - hour, end: hintedAt - 1, askAgainSeconds };
  const start = notBefore + Math.floor(twelfth * (8 + fractionOf(sha256)));
  return { start, end: start + Math.floor(twelfth), askAgainSeconds };
}

/** 0 to less than 1, evenly spread over certificates. */
function fractionOf(sha256: string): number {
  return Number.parseInt(sha256.slice(0, 8), 16) / 2 ** 32;
}
