import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextReminder } from '../../src/credentials/cadence-policy.js';

const day = 86_400;

/** Every reminder after a renewal, in days before the day of the old end. */
function remindersOf(renewedAt: number, oldNotAfter: number): number[] {
  const lastDay = Math.floor(oldNotAfter / day);
  const slots: number[] = [];
  let after = renewedAt;
  for (;;) {
    const slot = nextReminder({ oldNotAfter, after });
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
        const slot = nextReminder({ oldNotAfter: 20_000 * day + one, after });
        expect(nextReminder({ oldNotAfter: 20_000 * day + other, after })).toBe(slot);
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
          const slot = nextReminder({ oldNotAfter, after });
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
