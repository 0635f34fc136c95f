import { pino } from 'pino';
import type { DestinationStream } from 'pino';
import type { Log } from '../edges.js';

/** One JSON object a line on stderr; in colour and for people when stderr is a terminal. */
export async function makeLog(level: string): Promise<Log> {
  const options = { level, base: null };
  const { isTTY } = process.stderr;
  const stream = isTTY ? await prettyStream() : pino.destination({ dest: 2, sync: true });
  const log: Log = pino(options, stream);
  return log;
}

/** Loaded only where somebody looks on. */
async function prettyStream(): Promise<DestinationStream> {
  const { PinoPretty } = await import('pino-pretty');
  return PinoPretty({ destination: 2, sync: true, ignore: 'pid,hostname' });
}
