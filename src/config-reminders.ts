import { z } from 'zod';

const rule =
  'must be off, or intervals of whole days such as 30d, 7d from 30d, 1d from 7d, each from fewer days than the one before';

const intervalForm = /^([1-9][0-9]{0,3})d(?: from ([1-9][0-9]{0,3})d)?$/;
const mostIntervals = 10;

/** Reminders every so many days, from so many days before the end on; the first may begin at once. */
interface Interval {
  readonly everyDays: number;
  readonly fromDays: number | undefined;
}

/** `30d, 7d from 30d, 1d from 7d` -> intervals, the longest before the end first; `off` -> none. */
export const remindersValue = z.string().transform((text, context) => {
  const intervals = text === 'off' ? [] : readIntervals(text);
  if (intervals) return intervals;
  context.addIssue(rule);
  return z.NEVER;
});

function readIntervals(text: string): readonly Interval[] | undefined {
  const intervals = text.split(/, ?/).map(readInterval);
  const isWhole = intervals.every((one) => one !== undefined);
  return isWhole && intervals.length <= mostIntervals && isInOrder(intervals)
    ? intervals
    : undefined;
}

function readInterval(text: string): Interval | undefined {
  const [, every, from] = intervalForm.exec(text) ?? [];
  if (every === undefined) return undefined;
  return { everyDays: Number(every), fromDays: from === undefined ? undefined : Number(from) };
}

function isInOrder(intervals: readonly Interval[]): boolean {
  return intervals.every(({ fromDays }, index) => {
    const before = index === 0 ? Infinity : (intervals[index - 1]?.fromDays ?? Infinity);
    return fromDays === undefined ? index === 0 : fromDays < before;
  });
}
