import type { Clock } from '../edges.js';
import { failedNow, lockOut, slowDown } from './sign-in-policy.js';
import type { Failed } from './sign-in-policy.js';

/** Who tries, and from where. */
export interface Attempt {
  readonly account: string;
  readonly address: string;
  /** Whether the account's password has been right from there: others then cannot slow its owner down. */
  readonly isOwnAddress: boolean;
}

export interface SignInAttempts {
  /**
   * Seconds to wait; 0: it may go on, and counts as failed until it is forgiven, so that many guesses at once are
   * many guesses. One that has to wait does not count.
   */
  begin(attempt: Attempt): number;
  /** It succeeded: the address starts anew, and the account is not charged for it. */
  forgive(attempt: Attempt): void;
}

const rememberedKeys = 10_000;

/** Counts in this process, for accounts that exist and others alike; the memory is bounded. */
export function makeSignInAttempts(clock: Clock): SignInAttempts {
  const pairs = new Map<string, Failed>();
  const accounts = new Map<string, Failed>();
  return {
    begin: (attempt) => {
      const now = clock();
      const pair = failedNow(pairs.get(pairOf(attempt)), now);
      const account = failedNow(accounts.get(attempt.account), now);
      const wait = Math.max(lockOut(pair, now), attempt.isOwnAddress ? 0 : slowDown(account, now));
      if (wait > 0) return wait;
      note(pairs, pairOf(attempt), { count: pair.count + 1, lastAt: now });
      note(accounts, attempt.account, { count: account.count + 1, lastAt: now });
      return 0;
    },
    forgive: (attempt) => {
      pairs.delete(pairOf(attempt));
      const account = accounts.get(attempt.account);
      if (account) note(accounts, attempt.account, { ...account, count: account.count - 1 });
    },
  };
}

function pairOf({ account, address }: Attempt): string {
  return `${address} ${account}`;
}

/** The oldest note makes room: a Map keeps its keys in the order in which they came. */
function note(notes: Map<string, Failed>, key: string, failed: Failed): void {
  notes.delete(key);
  notes.set(key, failed);
  const [oldest] = notes.keys();
  if (notes.size > rememberedKeys && oldest !== undefined) notes.delete(oldest);
}
