import { describe, expect, it } from '@jest/globals';
import { isPublishedAt, judgeStep, statesBefore } from '../../src/authority/roll-over-policy.js';
import type { RollOverStep } from '../../src/authority/roll-over-policy.js';
import type { AuthorityState } from '../../src/storage/schema.js';

const now = 1_800_000_000;
const sound = {
  id: '0123456789abcdef',
  stateSince: now - 3600,
  notBefore: now - 7200,
  notAfter: now + 7200,
  isRevoked: false,
  hasKey: true,
};

function judge(step: RollOverStep, state: AuthorityState, change: Partial<typeof sound> = {}) {
  return judgeStep(step, { ...sound, state, ...change }, now);
}

describe('a step of a roll-over', () => {
  it.each([
    ['activate', 'prepared', undefined],
    ['activate', 'active', /active one already/],
    ['activate', 'retiring', undefined],
    ['activate', 'retired', /retired, which is for good: prepare another/],
    ['retire', 'prepared', undefined],
    ['retire', 'active', /active authority cannot retire: prepare and activate another first/],
    ['retire', 'retiring', undefined],
    ['retire', 'retired', /retired already/],
  ] as const)('%s of one that is %s', (step, state, refusal) => {
    const judged = judge(step, state);
    if (refusal === undefined) expect(judged).toBeUndefined();
    else expect(judged).toMatch(refusal);
    // What stands in the condition of the update agrees with what is judged.
    expect(statesBefore(step).includes(state)).toBe(refusal === undefined);
  });

  it.each(['prepared', 'retiring'] as const)(
    'refuses to activate a %s one that cannot serve',
    (state) => {
      const refused = (change: Partial<typeof sound>) => judge('activate', state, change);
      expect(refused({ isRevoked: true })).toMatch(/has been revoked/);
      expect(refused({ hasKey: false })).toMatch(/EVERLEAF_CA_CERT_FILE and EVERLEAF_CA_KEY_FILE/);
      expect(refused({ notBefore: now + 1 })).toMatch(/is not valid yet/);
      expect(refused({ notBefore: now })).toBeUndefined();
      expect(refused({ notAfter: now - 1 })).toMatch(/has expired/);
      expect(refused({ notAfter: now })).toBeUndefined();
    },
  );

  it('lets one go that could not serve', () => {
    const change = { isRevoked: true, hasKey: false, notBefore: now + 1, notAfter: now - 1 };
    expect(judge('retire', 'prepared', change)).toBeUndefined();
    expect(judge('retire', 'retiring', change)).toBeUndefined();
  });

  it('waits until every gateway has heard that one is retiring, and not with a prepared one', () => {
    const before = (seconds: number) => ({ stateSince: now - seconds });
    expect(judge('retire', 'retiring', before(59))).toMatch(/less than a minute ago/);
    expect(judge('retire', 'retiring', before(60))).toBeUndefined();
    expect(judge('retire', 'prepared', before(0))).toBeUndefined();
    expect(judge('activate', 'retiring', before(0))).toBeUndefined();
  });

  it('says what to do first where a prepared one was revoked', () => {
    expect(judge('activate', 'prepared', { isRevoked: true })).toContain(
      '`everleaf ca rotate retire 0123456789abcdef`, then `everleaf ca rotate prepare`',
    );
    expect(judge('activate', 'retiring', { isRevoked: true })).not.toContain('retire 0123');
  });
});

describe('what is published', () => {
  const at = { stateSince: now - 60, revokedAt: null };

  it.each(['prepared', 'active', 'retiring'] as const)('holds one that is %s', (state) => {
    expect(isPublishedAt({ ...at, state }, now)).toBe(true);
    expect(isPublishedAt({ ...at, state, revokedAt: now }, now)).toBe(false);
  });

  it('holds a retired one for a minute', () => {
    expect(isPublishedAt({ ...at, state: 'retired' }, now - 1)).toBe(true);
    expect(isPublishedAt({ ...at, state: 'retired' }, now)).toBe(false);
    expect(isPublishedAt({ ...at, state: 'retired', revokedAt: now }, now - 1)).toBe(false);
  });
});
