import { Failure } from '../failure.js';
import { refusalOfGoverned, refusalOfWithheld, wayToCredentials } from './governed-user.js';
import type { CurrentPair, PendingRenewal, ServiceUser } from './service-user.js';

/** A user's certificate, of all that it still has: the one in use, the one that the pending renewal replaced, or another. */
export type Standing = 'current' | 'replaced' | 'former';

/** What the holder of a certificate does next. `ask`: somebody with the right to the user's secrets has to help. */
export type NextStep = 'none' | 'acknowledge' | 'fetch' | 'ask';

/** A pair that waits for its holder. */
export interface Fetchable {
  readonly pair: CurrentPair;
  readonly pending: PendingRenewal;
}

/** Which of the user's certificates this SHA-256 is. */
export function standingOf({ pair, pending }: ServiceUser, sha256: string): Standing {
  if (pair?.sha256 === sha256) return 'current';
  return pending?.oldSha256 === sha256 ? 'replaced' : 'former';
}

/** What to do next, with the certificate of this SHA-256. */
export function nextStep(user: ServiceUser, sha256: string): NextStep {
  if (standingOf(user, sha256) === 'current') return user.pending ? 'acknowledge' : 'none';
  return refusalToFetch(user, sha256) === undefined ? 'fetch' : 'ask';
}

/** Throws Failure `state-conflict` where another certificate than the renewed one is to prove that this one is in use. */
export function judgeAcknowledgement(user: ServiceUser, sha256: string): void {
  if (!user.pending || standingOf(user, sha256) === 'current') return;
  throw new Failure('state-conflict', 'A newer certificate waits to be taken into use.', {
    detail: `Present the new one to acknowledge it. ${helpFor(nextStep(user, sha256), user)}`,
  });
}

/**
 * The pair that the holder of the replaced certificate may have. Throws Failure `right-missing` where self-service is
 * off, `handed-out-already` at the second time, `state-conflict` where there is nothing for this certificate: what came
 * before a reset must not lead to what came after it, nor to what a rotation alone hands out.
 */
export function judgeFetch(user: ServiceUser, sha256: string): Fetchable {
  const refusal = refusalToFetch(user, sha256);
  if (refusal) throw refusal;
  const { pair, pending } = user;
  if (!pair || !pending) throw new Error('a pair was to be fetched that is not pending');
  return { pair, pending };
}

function refusalToFetch(user: ServiceUser, sha256: string): Failure | undefined {
  const { pending, fetchedPendingId, isSelfService } = user;
  const detail = helpFor('ask', user);
  const refusal = refusalOfGoverned(user);
  if (refusal) return refusal;
  if (!isSelfService)
    return new Failure('right-missing', 'Self-service is switched off for this user.', {
      detail: `It is switched on with: everleaf user self-service PROJECT SERVICE USER on. ${detail}`,
    });
  if (standingOf(user, sha256) === 'current')
    return new Failure('state-conflict', 'There is nothing newer than the certificate presented.', {
      detail: 'Go on with it.',
    });
  if (!pending || standingOf(user, sha256) === 'former')
    return new Failure('state-conflict', 'No renewal of the certificate presented is pending.', {
      detail,
    });
  if (fetchedPendingId !== pending.id) return refusalOfWithheld(user);
  return new Failure('handed-out-already', 'The new credentials have been fetched already.', {
    detail: `If that was not you, have them reset at once. ${detail}`,
  });
}

/** A step in words. */
export function helpFor(
  step: NextStep,
  user: Pick<ServiceUser, 'accessId' | 'isWithheld'>,
): string {
  switch (step) {
    case 'none':
      return 'There is nothing to do.';
    case 'acknowledge':
      return 'Acknowledge the renewal, with this certificate: POST /v1/service-users/acknowledgements.';
    case 'fetch':
      return 'Fetch the new credentials, once, with the old certificate: GET /v1/service-users/credentials.';
    case 'ask':
      return wayToCredentials(user);
  }
}
