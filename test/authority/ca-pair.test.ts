import { describe, expect, it } from '@jest/globals';
import type { RecordedAuthority } from '../../src/authority/authority.js';
import { caPairOf, choosePresented } from '../../src/authority/ca-pair.js';
import type { AuthorityState } from '../../src/storage/schema.js';

const now = 1_000_000_000;

function authority(id: string, state: AuthorityState, more: object = {}): RecordedAuthority {
  const createdAt = Number(id);
  const facts = { id, state, createdAt, sealedKey: 'sealed', revokedAt: null, chain: [] };
  const certificate = { notAfter: now + 86_400 * 100 };
  return { ...facts, certificate, ...more } as unknown as RecordedAuthority;
}

const chosen = (authorities: readonly RecordedAuthority[]) =>
  [0, 1, 2].map((trustUpdate) => choosePresented(authorities, { trustUpdate, now })?.id);

describe('the pair of a roll-over', () => {
  it('takes the retiring one of the same second for the older', () => {
    const sameSecond = { createdAt: 1 };
    const both = [authority('2', 'active', sameSecond), authority('1', 'retiring', sameSecond)];
    expect(caPairOf(both)).toMatchObject({
      old: { id: '1' },
      next: { id: '2' },
      isNextActive: true,
    });
  });
});

describe('which authority a service presents', () => {
  it('SU-K4: is the one before until its second update', () => {
    expect(chosen([authority('1', 'retiring'), authority('2', 'active')])).toEqual(['1', '1', '2']);
  });

  it('is the active one outside of a roll-over, and while the next is prepared', () => {
    expect(chosen([authority('1', 'retired'), authority('2', 'active')])).toEqual(['2', '2', '2']);
    expect(chosen([authority('1', 'active'), authority('2', 'prepared')])).toEqual(['1', '1', '1']);
  });

  it('is the newer one for those alone that present it already, where the roll-over was turned back', () => {
    expect(chosen([authority('1', 'active'), authority('2', 'retiring')])).toEqual(['1', '1', '2']);
  });

  it('is none that was revoked or is about to end', () => {
    const revoked = authority('1', 'retiring', { revokedAt: now });
    expect(chosen([revoked, authority('2', 'active')])).toEqual(['2', '2', '2']);
    const ending = authority('1', 'retiring', { certificate: { notAfter: now + 60 } });
    expect(chosen([ending, authority('2', 'active')])).toEqual(['2', '2', '2']);
  });
});
