import { isUtf8 } from 'node:buffer';

/** Universal tags that X.509 structures use (X.680 8.6), constructed bit included. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** NumericString, T61String, VisibleString, GeneralString: read, never interpreted. */
const opaqueStrings: readonly number[] = [0x12, 0x14, 0x1a, 0x1b];
const universalString = 0x1c;

const maxOidBytes = 64;

/** What is wrong with the content of a primitive universal value under DER (X.690 section 11), if anything. */
export function findContentFault(tag: number, content: Uint8Array): string | undefined {
  switch (tag) {
    case tags.boolean:
      return findBooleanFault(content);
    case tags.integer:
    case tags.enumerated:
      return findIntegerFault(content);
    case tags.bitString:
      return findBitStringFault(content);
    case tags.null:
      return content.length === 0 ? undefined : 'NULL with content';
    case tags.oid:
      return findOidFault(content);
    case tags.utf8String:
      return isUtf8(content) ? undefined : 'UTF8String that is not UTF-8';
    case tags.bmpString:
      return areCodePoints(content, 2) ? undefined : 'BMPString that is not Unicode';
    case universalString:
      return areCodePoints(content, 4) ? undefined : 'UniversalString that is not Unicode';
    case tags.octetString:
    case tags.printableString:
    case tags.ia5String:
    case tags.utcTime:
    case tags.generalizedTime:
      return undefined;
    default:
      return opaqueStrings.includes(tag) ? undefined : `tag 0x${tag.toString(16)} is not allowed`;
  }
}

function findBooleanFault(content: Uint8Array): string | undefined {
  const isCanonical = content.length === 1 && (content[0] === 0x00 || content[0] === 0xff);
  return isCanonical ? undefined : 'BOOLEAN that is not canonical';
}

function findIntegerFault([first, second]: Uint8Array): string | undefined {
  if (first === undefined) return 'INTEGER without content';
  if (second === undefined) return undefined;
  const isPadded = (first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80);
  return isPadded ? 'INTEGER with superfluous leading bytes' : undefined;
}

function findBitStringFault(content: Uint8Array): string | undefined {
  const unused = content[0];
  if (unused === undefined || unused > 7) return 'BIT STRING without a count of unused bits';
  if (unused === 0) return undefined;
  const last = content.length > 1 ? content[content.length - 1] : undefined;
  const isCanonical = last !== undefined && (last & ((1 << unused) - 1)) === 0;
  return isCanonical ? undefined : 'BIT STRING whose unused bits are not zero';
}

function findOidFault(content: Uint8Array): string | undefined {
  if (content.length === 0) return 'OBJECT IDENTIFIER without content';
  if (content.length > maxOidBytes) return `OBJECT IDENTIFIER longer than ${maxOidBytes} bytes`;
  let isArcStart = true;
  for (const byte of content) {
    if (isArcStart && byte === 0x80) return 'OBJECT IDENTIFIER that is not minimal';
    isArcStart = byte < 0x80;
  }
  return isArcStart ? undefined : 'OBJECT IDENTIFIER that is cut off';
}

/** Whether the content is a row of big-endian code points of `width` bytes, none of them a surrogate. */
function areCodePoints(content: Uint8Array, width: 2 | 4): boolean {
  if (content.length % width !== 0) return false;
  for (let at = 0; at < content.length; at += width) {
    const point = content.subarray(at, at + width).reduce((sum, byte) => sum * 256 + byte, 0);
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
  }
  return true;
}
