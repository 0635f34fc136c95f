import { InvalidArgumentError } from 'commander';
import { readSeconds } from '../duration.js';
import { StartFault } from '../start-fault.js';
import { formatTime } from './output.js';

/** A moment to come as a person gives it, in seconds UTC; null where there is to be none. Throws StartFault for a past one. */
export type Moment = (now: number) => number | null;

const dateForm = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2}))?$/;

/** `2026-12-01` (midnight UTC), `2026-12-01T08:00Z`, `30d` (from now), or `none`. Throws for anything else. */
export function readMoment(text: string): Moment {
  if (text === 'none') return () => null;
  const duration = readSeconds(text);
  if (duration !== undefined) return (now) => now + duration;
  const [, day = ''] = dateForm.exec(text) ?? [];
  const seconds = isDay(day) ? Date.parse(text) / 1000 : Number.NaN;
  if (Number.isNaN(seconds)) {
    throw new InvalidArgumentError(
      'It must be a date such as 2026-12-01 or 2026-12-01T08:00Z, a time from now such as 30d, or none.',
    );
  }
  return (now) => {
    if (seconds > now) return seconds;
    throw new StartFault(`${formatTime(seconds)} is past: give a date to come.`);
  };
}

/** `Date.parse` would make the second of March of the thirtieth of February. */
function isDay(text: string): boolean {
  const date = new Date(text);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
