import type { RandomBytes } from '../edges.js';
import { hexOf } from './bytes.js';
import { asSerialNumber, type SerialNumber } from './der.js';

const octets = 16;

/** A positive serial number of always 16 octets with 126 random bits (RFC 5280 4.1.2.2). */
export function newSerialNumber(random: RandomBytes): SerialNumber {
  const bytes = Uint8Array.from(random(octets));
  if (bytes.length !== octets) throw new Error(`the random source gave ${bytes.length} bytes`);
  // First bit 0: positive. Second bit 1: never a leading zero byte, so the length is always the same.
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return asSerialNumber(hexOf(bytes));
}
