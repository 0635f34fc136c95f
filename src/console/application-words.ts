import type { ApplicationFilter, ApplicationState } from '../connector/application-store.js';
import type { TokenState } from '../connector/token-state.js';
import type { RecordedState } from '../http/client-identity.js';
import type { RevocationReason } from '../pki/revocation-reason.js';
import type { Badge } from './pieces.js';

/** The words of the filter. */
export const stateNames: Readonly<Record<ApplicationFilter, string>> = {
  valid: 'valid',
  'ends-within-week': 'ends within 7 days',
  'ends-soon': 'ends within 30 days',
  expired: 'expired',
  revoked: 'revoked',
};

/** The badge of an application, or of a certificate. */
export const stateBadges: Readonly<Record<ApplicationState | RecordedState, Badge>> = {
  valid: { text: 'valid', kind: 'good' },
  'ends-soon': { text: 'ends soon', kind: 'soon' },
  expired: { text: 'expired', kind: 'bad' },
  revoked: { text: 'revoked', kind: 'bad' },
  'not-yet-valid': { text: 'not yet valid', kind: 'quiet' },
  'authority-retired': { text: 'its CA has retired', kind: 'bad' },
};

/** The badge of a token. */
export const tokenBadges: Readonly<Record<TokenState, Badge>> = {
  open: { text: 'open', kind: 'good' },
  used: { text: 'used', kind: 'quiet' },
  withdrawn: { text: 'withdrawn', kind: 'quiet' },
  expired: { text: 'lapsed', kind: 'quiet' },
};

/** What the reasons of RFC 5280 mean. */
export const reasonTexts: Readonly<Record<RevocationReason, string>> = {
  unspecified: 'not said',
  keyCompromise: 'somebody else may have the key',
  cACompromise: 'somebody else may have the key of the CA',
  affiliationChanged: 'the holder is no longer with the organization',
  superseded: 'another certificate has taken its place',
  cessationOfOperation: 'the application is no longer in use',
  privilegeWithdrawn: 'the holder may no longer come in',
  aACompromise: 'an attribute authority was broken into',
};

/** What a form has done, by the word that leads on. */
export const saidOfApplications: Readonly<Record<string, string>> = {
  revoked: 'The certificate is revoked: the gateway refuses it from now on.',
  withdrawn: 'The token is withdrawn: nobody gets a certificate with it any more.',
};
