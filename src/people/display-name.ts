import { Failure } from '../failure.js';

/**
 * A name for people: 1 to 64 characters that a list can show in its line. Throws the Failure `name-invalid`, which
 * calls it `what`.
 */
export function judgeDisplayName(name: string, what: string): string {
  if (/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]{1,64}$/u.test(name) && name.trim() === name) return name;
  throw new Failure(
    'name-invalid',
    `${what} has 1 to 64 characters, none of them invisible, and no space at its ends.`,
  );
}
