import { describe, expect, it } from '@jest/globals';
import {
  judgeTrustUpdate,
  needsRetiring,
  phaseOf,
} from '../../src/credentials/ca-rotation-policy.js';
import { caPairOf } from '../../src/authority/ca-pair.js';
import type { AuthorityState } from '../../src/storage/schema.js';

const of = (...states: readonly AuthorityState[]) =>
  states.map((state, index) => ({ id: `ca${String(index)}`, state, createdAt: 1000 + index }));

describe('the phase of a roll-over', () => {
  it.each([
    ['ACTIVE', of(), []],
    ['ACTIVE', of('active'), [0, 0]],
    ['ACTIVE', of('active', 'retired'), [0]],
    ['BUNDLE', of('active', 'prepared'), []],
    ['BUNDLE', of('active', 'prepared'), [0, 0]],
    ['TRUSTING', of('active', 'prepared'), [1, 0]],
    ['TRUSTING', of('active', 'prepared'), [1, 1]],
    ['TRUSTING', of('active', 'retiring'), [2, 1]],
    ['NEW_ACTIVE', of('retiring', 'active'), []],
    ['NEW_ACTIVE', of('retiring', 'active'), [1, 1]],
    ['PRESENTING', of('retiring', 'active'), [2, 1]],
    ['PRESENTING', of('retiring', 'active'), [2, 2]],
    ['DONE', of('retired', 'active'), [0, 0]],
    ['BUNDLE', of('retired', 'active', 'prepared'), [0]],
  ] as const)('is %s with %j and services at %j', (phase, authorities, updates) => {
    expect(phaseOf(authorities, updates)).toBe(phase);
  });
});

describe('what a service needs', () => {
  it.each([
    [of('active', 'prepared'), 1, true],
    [of('retiring', 'active'), 0, true],
    [of('retiring', 'active'), 1, true],
    [of('retiring', 'active'), 2, false],
    [of('active', 'retiring'), 1, true],
    [of('active', 'retiring'), 2, false],
  ] as const)('%j at update %i: %s', (authorities, update, needsOld) => {
    const pair = caPairOf(authorities);
    if (!pair) throw new Error('there is no pair');
    expect(needsRetiring(pair, 'ca0', update)).toBe(needsOld);
    expect(needsRetiring(pair, 'ca1', update)).toBe(update === 2);
  });
});

describe('a report of a service', () => {
  it.each([
    [of('active'), 1, 0, [], /No roll-over/],
    [of('active'), 2, 0, [], /No roll-over/],
    [of('active', 'prepared'), 1, 0, ['a'], 1],
    [of('active', 'prepared'), 1, 1, ['b'], 1],
    [of('active', 'prepared'), 2, 1, ['b'], /have not reported update 1: b\./],
    [of('active', 'prepared'), 2, 1, [], /until the new CA is active/],
    [of('retiring', 'active'), 1, 0, ['a', 'b'], 1],
    [of('retiring', 'active'), 1, 2, [], 2],
    [of('retiring', 'active'), 2, 1, ['b'], /have not reported update 1: b\./],
    [of('retiring', 'active'), 2, 0, ['a'], /have not reported update 1: a\./],
    [of('retiring', 'active'), 2, 1, [], 2],
    [of('retiring', 'active'), 2, 2, [], 2],
    [of('active', 'retiring'), 1, 2, [], 1],
    [of('active', 'retiring'), 2, 1, [], /until the new CA is active/],
  ] as const)('%j, update %i of one at %i, without it %j: %s', (...row) => {
    const [authorities, phase, present, untrusting, expected] = row;
    const report = { project: 'p1', phase, present, untrusting };
    const judged = judgeTrustUpdate(report, caPairOf(authorities));
    if (typeof expected === 'number') expect(judged).toEqual({ becomes: expected });
    else expect(judged).toEqual({ refusal: expect.stringMatching(expected) });
  });
});
