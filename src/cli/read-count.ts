import { InvalidArgumentError } from 'commander';

/** `50` -> 50, for an option of the command line. */
export function readCount(text: string): number {
  if (!/^[1-9][0-9]{0,5}$/.test(text))
    throw new InvalidArgumentError('It must be a whole number, 1 or more.');
  return Number(text);
}
