import { InvalidArgumentError } from 'commander';
import { readSeconds } from '../duration.js';

/** `30m` -> seconds, for an option of the command line. */
export function readDuration(text: string): number {
  const seconds = readSeconds(text);
  if (seconds !== undefined) return seconds;
  throw new InvalidArgumentError('It must be a whole number and a unit, such as 30m, 12h or 92d.');
}
