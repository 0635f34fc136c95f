import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readConfig } from '../../src/config.js';
import { isReminderDue, nextLook, nextReminder } from '../../src/credentials/cadence-policy.js';
import type { Cadence } from '../../src/credentials/cadence-policy.js';
import { StartFault } from '../../src/start-fault.js';

const day = 86_400;

const cadenceOf = (text: string): Cadence => readConfig({ EVERLEAF_REMINDERS: text }).reminders;
const usual = readConfig({}).reminders;

/** Every reminder after a renewal, in days before the day of the old end. */
function remindersOf(renewedAt: number, oldNotAfter: number, cadence = usual): number[] {
  const lastDay = Math.floor(oldNotAfter / day);
  const slots: number[] = [];
  let after = renewedAt;
  for (;;) {
    const slot = nextReminder(cadence, { oldNotAfter, after });
    if (slot === undefined) return slots;
    slots.push(lastDay - slot / day);
    after = slot;
  }
}

describe('the reminders of a pending renewal', () => {
  const end = 20_000 * day + 40_000;

  it('are monthly, weekly in the last 30 days, daily in the last 7, and once on the last day', () => {
    expect(remindersOf(end - 90 * day, end)).toEqual([60, 30, 23, 16, 9, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(remindersOf(end - 200 * day, end).slice(0, 6)).toEqual([180, 150, 120, 90, 60, 30]);
  });

  it('are those that are left where the renewal came late', () => {
    expect(remindersOf(end - 10 * day, end)).toEqual([9, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(remindersOf(end - 3600, end)).toEqual([]);
    expect(remindersOf(end + day, end)).toEqual([]);
  });

  it('end before an end at midnight', () => {
    expect(remindersOf(20_000 * day - 3 * day, 20_000 * day)).toEqual([2, 1]);
  });

  it('are the same for all certificates that end on one day', () => {
    const inDay = fc.integer({ min: 1, max: day - 1 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 * day }), inDay, inDay, (before, one, other) => {
        const after = 20_000 * day - before;
        const slot = nextReminder(usual, { oldNotAfter: 20_000 * day + one, after });
        expect(nextReminder(usual, { oldNotAfter: 20_000 * day + other, after })).toBe(slot);
      }),
    );
  });

  it('lie after the moment asked for, before the end, and nearer the end the nearer together', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400 * day }),
        fc.integer({ min: 0, max: day - 1 }),
        (before, ofDay) => {
          const oldNotAfter = 20_000 * day + ofDay;
          const after = oldNotAfter - before;
          const slot = nextReminder(usual, { oldNotAfter, after });
          if (slot === undefined) {
            expect(before).toBeLessThanOrEqual(day);
            return;
          }
          expect(slot).toBeGreaterThan(after);
          expect(slot).toBeLessThan(oldNotAfter);
          const longest = before > 31 * day ? 30 : before > 8 * day ? 8 : 1;
          expect(slot - after).toBeLessThanOrEqual(longest * day);
        },
      ),
    );
  });
});

describe('EVERLEAF_REMINDERS', () => {
  const end = 20_000 * day + 40_000;
  const daysOf = (text: string, days = 60) => remindersOf(end - days * day, end, cadenceOf(text));

  it.each([
    ['off', []],
    ['30d', [30, 0]],
    ['20d', [40, 20, 0]],
    ['7d from 30d', [30, 23, 16, 9, 2]],
    ['30d from 7d', [7]],
    ['14d, 2d from 5d', [47, 33, 19, 5, 3, 1]],
    ['14d,2d from 5d', [47, 33, 19, 5, 3, 1]],
    ['90d, 10d from 30d, 1d from 1d', [30, 20, 10, 1, 0]],
  ])('%j reminds on these days before the end', (text, days) => {
    expect(daysOf(text)).toEqual(days);
  });

  it.each([
    '',
    'none',
    'OFF',
    '0d',
    '30',
    '12h',
    '30d from',
    '30d from 0d',
    '1d, 2d',
    '7d from 30d, 1d from 30d',
    '7d from 7d, 1d from 30d',
    '7d from 30d, 30d',
    '30d,',
    '30d,  7d from 30d',
    '30d\u00a0from 7d',
    '99999d',
    Array.from({ length: 11 }, (_, index) => `1d from ${String(100 - index)}d`).join(', '),
  ])('%j does not start, and the sentence names the variable', (text) => {
    if (text === '') expect(cadenceOf(text)).toEqual(usual);
    else expect(() => cadenceOf(text)).toThrow(/^EVERLEAF_REMINDERS must be off, or intervals/);
  });

  it('is read strictly, whatever is cut off or added', () => {
    const text = '30d, 7d from 30d, 1d from 7d';
    const form =
      /^(off|[1-9]\d{0,3}d( from [1-9]\d{0,3}d)?(, ?[1-9]\d{0,3}d from [1-9]\d{0,3}d)*)$/;
    const changed = fc
      .tuple(fc.nat(text.length), fc.nat(text.length), fc.string({ maxLength: 4 }))
      .map(([from, to, more]) => text.slice(0, from) + more + text.slice(to));
    fc.assert(
      fc.property(changed, (some) => {
        try {
          const cadence = cadenceOf(some);
          expect(some === '' || form.test(some)).toBe(true);
          const begins = cadence.map(({ fromDays }) => fromDays ?? Infinity);
          expect(begins).toEqual([...new Set(begins)].sort((one, other) => other - one));
        } catch (error) {
          expect(error).toBeInstanceOf(StartFault);
        }
      }),
    );
  });

  it('gives slots that follow from the end alone, in every cadence', () => {
    const interval = fc.integer({ min: 1, max: 90 });
    const cadences = fc
      .uniqueArray(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 4 })
      .chain((begins) =>
        fc.tuple(
          fc.constant(begins.sort((one, other) => other - one)),
          fc.array(interval, { minLength: begins.length, maxLength: begins.length }),
          fc.boolean(),
        ),
      )
      .map(([begins, lengths, isOpen]): Cadence =>
        begins.map((fromDays, index) => ({
          everyDays: lengths[index] ?? 1,
          fromDays: isOpen && index === 0 ? undefined : fromDays,
        })),
      );
    fc.assert(
      fc.property(cadences, fc.integer({ min: 1, max: 300 * day }), (cadence, before) => {
        const all = remindersOf(end - 400 * day, end, cadence);
        const later = remindersOf(end - before, end, cadence);
        expect(later).toEqual(all.slice(all.length - later.length));
        for (const days of all) {
          const at = 20_000 * day - days * day;
          expect(isReminderDue(cadence, { oldNotAfter: end, since: at, now: at })).toBe(true);
        }
      }),
    );
  });

  it('is looked after every midnight until the end, so that a look misses no reminder', () => {
    const oldNotAfter = 20_000 * day;
    expect(nextLook({ oldNotAfter, now: oldNotAfter - 2 * day + 1 })).toBe(oldNotAfter - day);
    expect(nextLook({ oldNotAfter, now: oldNotAfter - day })).toBeUndefined();
    const since = oldNotAfter - 40 * day;
    const away = { oldNotAfter, since, now: oldNotAfter - 20 * day };
    expect(isReminderDue(usual, away)).toBe(true);
    expect(isReminderDue([], away)).toBe(false);
    expect(isReminderDue(usual, { ...away, now: oldNotAfter })).toBe(false);
  });
});
