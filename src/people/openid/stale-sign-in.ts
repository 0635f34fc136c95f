import { Failure } from '../../failure.js';

/** The refusal of a sign-in that took too long or belongs to another browser. */
export function staleSignIn(): Failure {
  return new Failure(
    'sign-in-stale',
    'This sign-in took too long, or began in another tab or browser: begin again, and allow the cookies of this page.',
  );
}

/** The refusal of a sign-in that somebody has used before. */
export function usedSignIn(): Failure {
  return new Failure('sign-in-stale', 'This sign-in has been used already: begin again.');
}
