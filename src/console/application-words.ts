import type { ApplicationState } from '../connector/application-store.js';
import type { EnrolmentToken } from '../connector/token-store.js';
import type { RecordedState } from '../http/client-identity.js';

type BadgeKind = 'good' | 'soon' | 'bad' | 'quiet';

/** The words of the filter. */
export const stateNames: Readonly<Record<ApplicationState, string>> = {
  valid: 'valid',
  'ends-soon': 'ends within 30 days',
  expired: 'expired',
  revoked: 'revoked',
};

/** The badge of an application, of a certificate, of a token. */
export const stateBadges: Readonly<
  Record<
    ApplicationState | RecordedState | TokenState,
    { readonly text: string; readonly kind: BadgeKind }
  >
> = {
  valid: { text: 'valid', kind: 'good' },
  'ends-soon': { text: 'ends soon', kind: 'soon' },
  expired: { text: 'expired', kind: 'bad' },
  revoked: { text: 'revoked', kind: 'bad' },
  'not-yet-valid': { text: 'not yet valid', kind: 'quiet' },
  'authority-retired': { text: 'its CA has retired', kind: 'bad' },
  open: { text: 'open', kind: 'good' },
  used: { text: 'used', kind: 'quiet' },
  withdrawn: { text: 'withdrawn', kind: 'quiet' },
  lapsed: { text: 'lapsed', kind: 'quiet' },
};

/** Where a token stands. */
export type TokenState = 'open' | 'used' | 'withdrawn' | 'lapsed';

/** The same of one on record. `now` in seconds UTC. */
export function tokenState(
  { usedAt, withdrawnAt, expiresAt }: Pick<EnrolmentToken, 'usedAt' | 'withdrawnAt' | 'expiresAt'>,
  now: number,
): TokenState {
  if (usedAt !== null) return 'used';
  if (withdrawnAt !== null) return 'withdrawn';
  return now > expiresAt ? 'lapsed' : 'open';
}
