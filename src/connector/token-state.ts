import type { EnrolmentToken } from './token-store.js';

/** Where a token stands. */
export type TokenState = 'open' | 'used' | 'withdrawn' | 'expired';

/** The same of one on record. `now` in seconds UTC. */
export function tokenState(
  { usedAt, withdrawnAt, expiresAt }: Pick<EnrolmentToken, 'usedAt' | 'withdrawnAt' | 'expiresAt'>,
  now: number,
): TokenState {
  if (usedAt !== null) return 'used';
  if (withdrawnAt !== null) return 'withdrawn';
  return now > expiresAt ? 'expired' : 'open';
}
