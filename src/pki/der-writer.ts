import { tags } from './der-content.js';
import { asDer, type Der } from './der.js';

/** One DER value: tag, minimal length, the parts one after the other (X.690 10.1). */
export function encodeDer(tag: number, ...parts: readonly Uint8Array[]): Der {
  let length = 0;
  for (const part of parts) length += part.length;
  const size = sizeOfLength(length);
  const bytes = Buffer.allocUnsafe(2 + size + length);
  bytes[0] = tag;
  bytes[1] = size === 0 ? length : 0x80 + size;
  if (size > 0) bytes.writeUIntBE(length, 2, size);
  let at = 2 + size;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return asDer(bytes);
}

/** Only the beginning of a value whose `length` bytes of content follow elsewhere. */
export function encodeTagAndLength(tag: number, length: number): Uint8Array {
  const size = sizeOfLength(length);
  const bytes = Buffer.allocUnsafe(2 + size);
  bytes[0] = tag;
  bytes[1] = size === 0 ? length : 0x80 + size;
  if (size > 0) bytes.writeUIntBE(length, 2, size);
  return bytes;
}

/** SEQUENCE of values that are DER already. */
export function encodeSequence(...parts: readonly Uint8Array[]): Der {
  return encodeDer(tags.sequence, ...parts);
}

/** INTEGER of a whole number from zero to 2^53 - 1. */
export function encodeInteger(value: number): Der {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`no such INTEGER: ${value}`);
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return encodeDer(tags.integer, (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([zero, bytes]));
}

/** BIT STRING of whole bytes. */
export function encodeBitString(bits: Uint8Array): Der {
  return encodeDer(tags.bitString, zero, bits);
}

/** OBJECT IDENTIFIER from its dotted form (X.690 8.19). */
export function encodeOid(dotted: string): Der {
  const [first = 0n, second = 0n, ...rest] = dotted.split('.').map((arc) => BigInt(arc));
  return encodeDer(tags.oid, Buffer.from([first * 40n + second, ...rest].flatMap(encodeArc)));
}

/** The dotted form of an OBJECT IDENTIFIER's content that the reader has judged. */
export function formatOid(content: Uint8Array): string {
  let dotted = '';
  let arc = 0;
  let arcStart = 0;
  for (let at = 0; at < content.length; at++) {
    const byte = content[at] ?? 0;
    arc = arc * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    const isExact = arc <= Number.MAX_SAFE_INTEGER;
    const value = isExact ? arc : longArc(content.subarray(arcStart, at + 1));
    dotted = dotted === '' ? formatFirstArcs(value) : `${dotted}.${value}`;
    arc = 0;
    arcStart = at + 1;
  }
  return dotted;
}

const zero = Uint8Array.of(0);

/** Bytes of a length beyond the first one, which holds it where it is short. */
function sizeOfLength(length: number): number {
  return length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : length < 2 ** 24 ? 3 : 4;
}

function encodeArc(arc: bigint): number[] {
  const bytes = [Number(arc & 0x7fn)];
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) bytes.unshift(Number(rest & 0x7fn) | 0x80);
  return bytes;
}

function longArc(bytes: Uint8Array): bigint {
  let arc = 0n;
  for (const byte of bytes) arc = (arc << 7n) | BigInt(byte & 0x7f);
  return arc;
}

function formatFirstArcs(value: number | bigint): string {
  if (value < 40) return `0.${value}`;
  if (value < 80) return `1.${Number(value) - 40}`;
  return `2.${typeof value === 'bigint' ? value - 80n : value - 80}`;
}
