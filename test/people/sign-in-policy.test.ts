import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { makeSignInAttempts } from '../../src/people/sign-in-attempts.js';
import { failedNow, lockOut, slowDown } from '../../src/people/sign-in-policy.js';

describe('the slow-down of an account', () => {
  it.each([
    [9, 0],
    [10, 1],
    [11, 2],
    [15, 32],
    [16, 60],
    [100_000, 60],
  ])('after %i failures is %i seconds', (count, seconds) => {
    expect(slowDown({ count, lastAt: 1000 }, 1000)).toBe(seconds);
  });

  it('is never longer than a minute, nor a lock-out than five', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(100_000), (count, lastAt, later) => {
        const now = lastAt + later;
        const failed = failedNow({ count, lastAt }, now);
        expect(slowDown(failed, now)).toBeLessThanOrEqual(60);
        expect(lockOut(failed, now)).toBeLessThanOrEqual(300);
        expect(Math.min(slowDown(failed, now), lockOut(failed, now))).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('attempts to sign in', () => {
  it('are remembered for ten thousand accounts, the oldest forgotten first', () => {
    const attempts = makeSignInAttempts(() => 1000);
    const attempt = (account: string) => ({ account, address: '192.0.2.1', isOwnAddress: false });
    for (let turn = 0; turn < 5; turn += 1) attempts.begin(attempt('first'));
    expect(attempts.begin(attempt('first'))).toBe(300);
    for (let turn = 0; turn < 10_000; turn += 1) attempts.begin(attempt(String(turn)));
    expect(attempts.begin(attempt('first'))).toBe(0);
  });

  it('that succeed are not charged', () => {
    const attempts = makeSignInAttempts(() => 1000);
    const attempt = { account: 'jo', address: '192.0.2.1', isOwnAddress: false };
    for (let turn = 0; turn < 100; turn += 1) {
      expect(attempts.begin(attempt)).toBe(0);
      attempts.forgive(attempt);
    }
  });
});
