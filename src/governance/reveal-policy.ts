import { Failure } from '../failure.js';
import type { Rotation } from './rotation.js';

/**
 * Whether this person may have the credentials now. The right comes first: who has none learns nothing of the state.
 * Throws Failure `right-missing`, `state-conflict` where there is nothing yet, `handed-out-already` where there is
 * nothing any more. `now` in seconds UTC.
 */
export function judgeReveal(
  { requesterId, state, failure, credentials }: Rotation,
  {
    userId,
    isMember,
    now,
  }: { readonly userId: string; readonly isMember: boolean; readonly now: number },
): void {
  if (requesterId !== userId)
    throw new Failure('right-missing', 'Only who asked for the credentials may see them.');
  if (!isMember)
    throw new Failure('right-missing', 'You are no member of the group that owns this access.');
  if (!credentials) {
    const why = failure === null ? '' : ` ${failure}`;
    throw new Failure(
      'state-conflict',
      `There are no credentials to reveal: the request is ${state}.${why}`,
    );
  }
  if (credentials.state === 'revealed')
    throw new Failure('handed-out-already', 'The credentials have been revealed already.', {
      detail: 'If that was not you, or the answer was lost, ask for another rotation.',
    });
  if (credentials.state === 'lapsed' || credentials.lapseAt <= now)
    throw new Failure('handed-out-already', 'The credentials have lapsed: nobody came for them.', {
      detail: 'Ask for another rotation. The old credentials work on.',
    });
}

/** The refusal of a certificate that was withdrawn while it waited: the user would give up what works for it. */
export function worthless(): Failure {
  return new Failure(
    'handed-out-already',
    'The certificate was revoked, or its CA retired, before it was revealed: nobody accepts it.',
    { detail: 'Ask for another rotation. The credentials of the user stay as they are.' },
  );
}
