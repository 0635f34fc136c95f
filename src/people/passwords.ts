import type { RandomBytes } from '../edges.js';
import { Failure } from '../failure.js';
import { comparePassword, hashPassword } from './password-hash.js';
import type { Comparison } from './password-hash.js';
import { makeWorkQueue } from './work-queue.js';

/** Compares a password with the stored hash of a user, or with nothing where there is no user, in the same time. */
export type Compare = (password: string, stored: string | null) => Promise<Comparison>;

/** Two at a time: each takes 128 MiB and one of the four threads that files and keys need too. */
export function makeCompare(random: RandomBytes): Compare {
  const enqueue = makeWorkQueue({ atOnce: 2, waiting: 30 });
  return (password, stored) => enqueue(() => comparePassword(password, stored, random));
}

/** A password that nobody chose, and its hash; it is shown once. */
export async function drawPassword(
  random: RandomBytes,
): Promise<{ readonly password: string; readonly passwordHash: string }> {
  const password = Buffer.from(random(18)).toString('base64url');
  return { password, passwordHash: await hashPassword(password, 'drawn', random) };
}

/** The hash of a password that a person chose. Throws the Failure `field-invalid` for one that is too easy to guess. */
export async function hashChosenPassword(password: string, random: RandomBytes): Promise<string> {
  const length = Array.from(password).length;
  if (length < 12 || length > 256)
    throw new Failure('field-invalid', 'A password has 12 to 256 characters.');
  return hashPassword(password, 'chosen', random);
}
