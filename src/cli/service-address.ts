import { InvalidArgumentError } from 'commander';
import { isHost } from '../credentials/service-names.js';

/** `9093`, for an option of the command line. */
export function readPort(text: string): number {
  const port = Number(text);
  if (/^[1-9][0-9]{0,4}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a whole number from 1 to 65535.');
}

/** A host name or an address, for an option of the command line. */
export function readHost(text: string): string {
  if (text !== '' && isHost(text)) return text;
  throw new InvalidArgumentError('It must be a host name or an address.');
}
