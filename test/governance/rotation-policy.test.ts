import { describe, expect, it } from '@jest/globals';
import {
  isActive,
  judgeAsking,
  judgeDeciding,
  rotationStates,
  transitionOf,
} from '../../src/governance/rotation-policy.js';

const member = (userId: string, memberSince: number | undefined = 100) => ({ userId, memberSince });

describe('who may ask for new credentials', () => {
  it('SU-G1, SU-G2: is a member of a group in which somebody else can approve', () => {
    expect(judgeAsking({ requester: member('a'), memberCount: 2 })).toBeUndefined();
    const stranger = { userId: 'b', memberSince: undefined };
    expect(judgeAsking({ requester: stranger, memberCount: 2 })?.kind).toBe('right-missing');
    expect(judgeAsking({ requester: member('a'), memberCount: 1 })).toMatchObject({
      kind: 'state-conflict',
      sentence: expect.stringContaining('add another member'),
    });
  });
});

describe('who may decide', () => {
  const requester = member('a');
  it.each([
    [member('b'), requester, undefined],
    [member('b', 200), requester, undefined],
    [member('a'), requester, 'right-missing'],
    [{ userId: 'b', memberSince: undefined }, requester, 'right-missing'],
    [member('b', 201), requester, 'right-missing'],
    [member('b'), { userId: 'a', memberSince: undefined }, 'state-conflict'],
  ] as const)('SU-G4, SU-G5: %j on the request of %j: %s', (decider, asker, kind) => {
    expect(judgeDeciding({ decider, requester: asker, requestedAt: 200 })?.kind).toBe(kind);
  });
});

describe('the states of a request', () => {
  it('SU-G3: only a pending one is decided, and only an active one bars the next', () => {
    for (const step of ['approve', 'decline', 'delete', 'lapse'] as const)
      expect(transitionOf(step).from).toBe('pending');
    expect(rotationStates.filter(isActive)).toEqual(['pending', 'provisioning']);
    expect(isActive(transitionOf('provide').to)).toBe(false);
    expect(isActive(transitionOf('fail').to)).toBe(false);
  });
});
