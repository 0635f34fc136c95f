import { pino } from 'pino';
import { PinoPretty } from 'pino-pretty';
import type { Log } from '../edges.js';

/** One JSON object a line on stderr; in colour and for people when stderr is a terminal. */
export function makeLog(level: string): Log {
  const options = { level, base: null };
  return process.stderr.isTTY
    ? pino(options, PinoPretty({ destination: 2, sync: true, ignore: 'pid,hostname' }))
    : pino(options, pino.destination({ dest: 2, sync: true }));
}
