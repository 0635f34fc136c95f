import { describe, expect, test } from '@jest/globals';
import { makeRandomBytes } from '../src/random-bytes.js';

describe('random bytes out of a pool', () => {
  test('have the length asked for and never come twice', () => {
    const random = makeRandomBytes();
    const given = Array.from({ length: 1000 }, () => random(16));
    expect(given.every((bytes) => bytes.length === 16)).toBe(true);
    expect(new Set(given.map((bytes) => Buffer.from(bytes).toString('hex'))).size).toBe(1000);
    expect(random(5000)).toHaveLength(5000);
  });

  test('are the callers own: what one changes, another does not see', () => {
    const random = makeRandomBytes();
    const first = random(16).fill(0);
    expect(random(16)).not.toEqual(first);
    expect(first).toEqual(new Uint8Array(16));
  });
});
