import { findContentFault, tags } from './der-content.js';
import { asDer, type Der } from './der.js';

/** Bytes that are not the strict DER structure they should be; the message says where and why. */
export class MalformedDer extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MalformedDer';
  }
}

/** One judged value inside `source`: a view, nothing is copied. Primitive values have no children. */
export interface DerValue {
  readonly tag: number;
  readonly source: Uint8Array;
  readonly start: number;
  readonly contentStart: number;
  readonly end: number;
  readonly children: readonly DerValue[];
}

const maxDepth = 32;
const maxValues = 1000;
const noChildren: readonly DerValue[] = [];

interface Walk {
  readonly source: Uint8Array;
  values: number;
}

/**
 * Reads exactly one value under DER (X.690 section 10): definite minimal lengths, canonical contents, no constructed
 * strings, nothing after it. SET OF may be unsorted: clients in the field do so. Throws MalformedDer.
 */
export function readDer(bytes: Uint8Array): DerValue {
  const value = readValue(
    { source: bytes, values: 0 },
    { start: 0, limit: bytes.length, depth: 1 },
  );
  if (value.end !== bytes.length) {
    throw new MalformedDer(`${bytes.length - value.end} trailing bytes after the structure`);
  }
  return value;
}

/** The whole value, tag included. */
export function derOf(value: DerValue): Der {
  return asDer(value.source.subarray(value.start, value.end));
}

/** The content bytes alone. */
export function contentOf(value: DerValue): Uint8Array {
  return value.source.subarray(value.contentStart, value.end);
}

/** The value itself if it is there with this tag; throws MalformedDer that names `what`. */
export function expectTag(value: DerValue | undefined, tag: number, what: string): DerValue {
  if (value === undefined) throw new MalformedDer(`${what} is missing`);
  if (value.tag !== tag) {
    throw new MalformedDer(`${what} has tag 0x${value.tag.toString(16)} at byte ${value.start}`);
  }
  return value;
}

/** The elements of a SEQUENCE; throws MalformedDer that names `what`. */
export function expectSequence(value: DerValue | undefined, what: string): readonly DerValue[] {
  return expectTag(value, tags.sequence, what).children;
}

/** The bits of a BIT STRING of whole bytes; throws MalformedDer that names `what`. */
export function expectWholeBits(value: DerValue | undefined, what: string): Uint8Array {
  const content = contentOf(expectTag(value, tags.bitString, what));
  if (content[0] !== 0) throw new MalformedDer(`${what} has unused bits`);
  return content.subarray(1);
}

/** Refuses more elements than the structure has; throws MalformedDer that names `what`. */
export function expectNoMore(values: readonly DerValue[], count: number, what: string): void {
  if (values.length > count) throw new MalformedDer(`${what} has superfluous elements`);
}

function readValue(walk: Walk, at: { start: number; limit: number; depth: number }): DerValue {
  const { source } = walk;
  const { start, limit, depth } = at;
  if (depth > maxDepth) throw new MalformedDer(`nested deeper than ${maxDepth} levels`);
  if (++walk.values > maxValues) throw new MalformedDer(`more than ${maxValues} values`);
  const tag = source[start];
  if (tag === undefined || start + 2 > limit) throw new MalformedDer(`cut off at byte ${start}`);
  if ((tag & 0x1f) === 0x1f) throw new MalformedDer(`multi-byte tag at byte ${start}`);
  const { contentStart, length } = readLength(source, start + 1);
  const end = contentStart + length;
  if (end > limit) throw new MalformedDer(`the value at byte ${start} ends outside its parent`);
  const isConstructed = (tag & 0x20) !== 0;
  const isUniversal = (tag & 0xc0) === 0;
  if (isUniversal && tag !== tags.sequence && tag !== tags.set) {
    const fault = findContentFault(tag, source.subarray(contentStart, end));
    if (fault !== undefined) throw new MalformedDer(`${fault} at byte ${start}`);
  }
  if (!isConstructed) return { tag, source, start, contentStart, end, children: noChildren };
  const children: DerValue[] = [];
  for (let next = contentStart; next < end;) {
    const child = readValue(walk, { start: next, limit: end, depth: depth + 1 });
    children.push(child);
    next = child.end;
  }
  return { tag, source, start, contentStart, end, children };
}

/** Definite lengths in the shortest form, up to 16 MB (X.690 10.1). */
function readLength(source: Uint8Array, at: number): { contentStart: number; length: number } {
  const first = source[at] ?? 0;
  if (first < 0x80) return { contentStart: at + 1, length: first };
  const size = first & 0x7f;
  if (size === 0) throw new MalformedDer(`indefinite length at byte ${at}`);
  if (size > 3) throw new MalformedDer(`length of more than 16 MB at byte ${at}`);
  let length = 0;
  for (let offset = 1; offset <= size; offset++) length = length * 256 + (source[at + offset] ?? 0);
  const minimum = size === 1 ? 0x80 : 256 ** (size - 1);
  if (length < minimum) throw new MalformedDer(`length that is not minimal at byte ${at}`);
  return { contentStart: at + 1 + size, length };
}
