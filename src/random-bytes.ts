import { randomBytes, randomFillSync } from 'node:crypto';
import type { RandomBytes } from './edges.js';

const poolLength = 2048;

/** Secure random bytes out of a pool: to ask OpenSSL for 16 costs as much as for 2048. None is given out twice. */
export function makeRandomBytes(): RandomBytes {
  const pool = new Uint8Array(poolLength);
  let used = poolLength;
  return (length) => {
    if (length > poolLength) return randomBytes(length);
    if (used + length > poolLength) {
      randomFillSync(pool);
      used = 0;
    }
    const bytes = pool.slice(used, used + length);
    // What became a token or a key must not be found here later.
    pool.fill(0, used, used + length);
    used += length;
    return bytes;
  };
}
