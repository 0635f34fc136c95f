import { InvalidArgumentError } from 'commander';
import { durationValue } from '../config-values.js';

/** `30m` -> seconds, for an option of the command line. */
export function readDuration(text: string): number {
  const parsed = durationValue.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('It must be a whole number and a unit, such as 30m, 12h or 92d.');
}
