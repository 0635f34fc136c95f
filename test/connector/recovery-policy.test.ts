import { describe, expect, it } from '@jest/globals';
import type { LineMember } from '../../src/authority/line-store.js';
import { judgeLines } from '../../src/connector/recovery-policy.js';

const now = 1000;

function member(sha256: string, more: Partial<LineMember> = {}): LineMember {
  return {
    sha256,
    line: 'line',
    predecessor: null,
    kind: 'application',
    holder: 'app',
    issuedAt: 100,
    notBefore: 100,
    notAfter: 200,
    revokedAt: null,
    authorityState: 'active',
    ...more,
  };
}

const judge = (...members: readonly LineMember[]) =>
  judgeLines(members, now).map(({ state, newest }) => [state, newest.sha256]);

describe('a line', () => {
  it('is lapsed when its newest has expired', () => {
    expect(judge(member('a'), member('b', { issuedAt: 150 }))).toEqual([['lapsed', 'b']]);
  });

  it.each([
    ['its oldest', member('a', { notAfter: now })],
    ['one that begins later', member('a', { issuedAt: 99, notBefore: now + 1, notAfter: 9999 })],
  ])('is valid while any of it is, such as %s', (_which, valid) => {
    expect(judge(valid, member('b', { issuedAt: 150 }))).toEqual([['valid', 'a']]);
  });

  it('is revoked when its newest is, whatever became of the others', () => {
    const newest = member('b', { issuedAt: 150, revokedAt: 160 });
    expect(judge(member('a'), newest)).toEqual([['revoked', 'b']]);
    expect(judge(member('a'), { ...newest, notAfter: 9999 })).toEqual([['revoked', 'b']]);
  });

  it('is lapsed when only older ones are revoked, or those of the same second', () => {
    const old = member('a', { revokedAt: 160 });
    expect(judge(old, member('b', { issuedAt: 150 }))).toEqual([['lapsed', 'b']]);
    expect(judge(old, member('b'))).toEqual([['lapsed', 'b']]);
  });

  it('ends with the one that nobody renewed, in whatever second it was issued', () => {
    const renewed = member('b', { predecessor: 'a' });
    expect(judge(renewed, member('a'))).toEqual([['lapsed', 'b']]);
    expect(judge(member('a'), { ...renewed, revokedAt: 160 })).toEqual([['revoked', 'b']]);
    expect(judge(member('a', { issuedAt: 101 }), renewed)).toEqual([['lapsed', 'b']]);
  });

  it('is lapsed when its authority has been retired, expired or not', () => {
    expect(judge(member('a', { notAfter: 9999, authorityState: 'retired' }))).toEqual([
      ['lapsed', 'a'],
    ]);
    expect(judge(member('a', { notAfter: 9999, authorityState: 'retiring' }))).toEqual([
      ['valid', 'a'],
    ]);
  });

  it('is judged apart from others, those that ended last first', () => {
    const other = member('c', { line: 'other', notAfter: 300 });
    const third = member('d', { line: 'third', notAfter: 9999 });
    expect(judge(member('a'), other, third)).toEqual([
      ['valid', 'd'],
      ['lapsed', 'c'],
      ['lapsed', 'a'],
    ]);
    expect(judge()).toEqual([]);
  });
});
