import { hexOf } from './bytes.js';
import { tags } from './der-content.js';
import {
  contentOf,
  derOf,
  expectNoMore,
  expectSequence,
  expectTag,
  MalformedDer,
  readDer,
  type DerValue,
} from './der-reader.js';
import { encodeDer, encodeOid, encodeSequence, formatOid } from './der-writer.js';
import type { Der } from './der.js';
import { decodeText, encodeText, isPrintable } from './directory-string.js';
import { nameOfAttribute, subjectAttributes, type SubjectAttribute } from './name-attributes.js';

/** One attribute of a relative name: dotted type, tag of the value, its content bytes. */
export interface NameAttribute {
  readonly oid: string;
  readonly tag: number;
  readonly value: Uint8Array;
}

/** A distinguished name (RFC 5280 4.1.2.4): its bytes, and its relative names in their order. */
export interface Name {
  readonly der: Der;
  readonly relativeNames: readonly (readonly NameAttribute[])[];
}

/** The parts of a subject that is built here; an empty part is left out. */
export interface SubjectFields {
  readonly CN: string;
  readonly O: string;
  readonly OU: string;
  readonly L: string;
  readonly ST: string;
  readonly C: string;
}

/** Reads a Name. Throws MalformedDer. */
export function readName(der: Der): Name {
  return readNameValue(readDer(der));
}

/** The same for a name inside a structure that has been read already. */
export function readNameValue(value: DerValue): Name {
  const relativeNames = expectSequence(value, 'the name').map(readRelativeName);
  return { der: derOf(value), relativeNames };
}

/** A subject in the order C, ST, L, O, OU, CN. Throws RangeError for a CN that is empty or a C that is not printable. */
export function buildSubject(fields: SubjectFields): Der {
  if (!isPrintable(fields.C)) throw new RangeError('the country is not a PrintableString');
  return buildName([
    ['C', fields.C],
    ['ST', fields.ST],
    ['L', fields.L],
    ['O', fields.O],
    ['OU', fields.OU],
    ['CN', fields.CN],
  ]);
}

/** The name of an authority: O, CN. */
export function buildAuthorityName(fields: { readonly CN: string; readonly O: string }): Der {
  return buildName([
    ['O', fields.O],
    ['CN', fields.CN],
  ]);
}

/** The attribute's text if it occurs exactly once and is a string that counts here; undefined otherwise. */
export function attributeValue(name: Name, attribute: SubjectAttribute): string | undefined {
  const [first, ...more] = attributesOf(name, subjectAttributes[attribute]);
  if (first === undefined || more.length > 0) return undefined;
  return decodeText(first.tag, first.value);
}

/**
 * `O=..,OU=..,L=..,ST=..,C=..,CN=..`, then other attributes; no space after commas. What RFC 4514 2.4 escapes is
 * escaped, which no name that was accepted here needs; what is no string shows as `#` and hex.
 */
export function formatName(name: Name): string {
  const order: readonly string[] = shown.map((attribute) => subjectAttributes[attribute]);
  const all = name.relativeNames.flat();
  const known = order.flatMap((oid) => all.filter((attribute) => attribute.oid === oid));
  const others = all.filter((attribute) => !order.includes(attribute.oid));
  return [...known, ...others].map(formatAttribute).join(',');
}

/** How a requested name differs from the expected one; `expected` where one value would be right. */
export interface NameMismatch {
  readonly attribute: string;
  readonly problem:
    'missing' | 'different' | 'repeated' | 'unexpected' | 'not-a-string' | 'not-alone-in-its-rdn';
  readonly expected?: string;
}

/**
 * The first difference, looked for in the order CN, C, O, OU, L, ST, others; undefined where both hold the same
 * attributes with the same values by code point, one per relative name. Order and string type do not matter.
 */
export function compareNames(input: {
  readonly requested: Name;
  readonly expected: Name;
}): NameMismatch | undefined {
  const all = [...input.expected.relativeNames.flat(), ...input.requested.relativeNames.flat()];
  const order = new Set([
    ...Object.values(subjectAttributes),
    ...all.map((attribute) => attribute.oid),
  ]);
  for (const oid of order) {
    const mismatch = compareAttribute(oid, input);
    if (mismatch !== undefined) return mismatch;
  }
  return undefined;
}

const shown: readonly SubjectAttribute[] = ['O', 'OU', 'L', 'ST', 'C', 'CN'];

function compareAttribute(
  oid: string,
  { requested, expected }: { readonly requested: Name; readonly expected: Name },
): NameMismatch | undefined {
  const attribute = nameOfAttribute(oid);
  const wanted = attributesOf(expected, oid).map(({ tag, value }) => decodeText(tag, value));
  const given = attributesOf(requested, oid);
  const [only] = wanted;
  const hint = wanted.length === 1 && only !== undefined ? { expected: only } : {};
  if (wanted.length === 0 && given.length > 0) return { attribute, problem: 'unexpected' };
  if (given.length < wanted.length) return { attribute, problem: 'missing', ...hint };
  if (given.length > wanted.length) return { attribute, problem: 'repeated', ...hint };
  const isAlone = requested.relativeNames.every(
    (relativeName) => relativeName.length === 1 || relativeName.every((part) => part.oid !== oid),
  );
  if (!isAlone) return { attribute, problem: 'not-alone-in-its-rdn', ...hint };
  const texts = given.map(({ tag, value }) => decodeText(tag, value));
  if (texts.includes(undefined)) return { attribute, problem: 'not-a-string', ...hint };
  return areSameTexts(texts, wanted) ? undefined : { attribute, problem: 'different', ...hint };
}

/** The same texts as often, in any order. */
function areSameTexts(
  left: readonly (string | undefined)[],
  right: readonly (string | undefined)[],
): boolean {
  const sorted = [...right].sort();
  return [...left].sort().every((text, index) => text === sorted[index]);
}

/** DirectoryString, NumericString, IA5String, and the BIT STRING of x500UniqueIdentifier (X.520). */
const valueTags: readonly number[] = [0x0c, 0x13, 0x14, 0x1c, 0x1e, 0x12, 0x16, 0x03];

function readRelativeName(value: DerValue): NameAttribute[] {
  const { children } = expectTag(value, tags.set, 'a relative name');
  if (children.length === 0) throw new MalformedDer('a relative name is empty');
  return children.map((child) => {
    const parts = expectSequence(child, 'an attribute of the name');
    const [type, content] = parts;
    expectNoMore(parts, 2, 'an attribute of the name');
    const oid = formatOid(contentOf(expectTag(type, tags.oid, 'an attribute of the name')));
    if (content === undefined || !valueTags.includes(content.tag)) {
      throw new MalformedDer(`the attribute ${nameOfAttribute(oid)} of the name is not a string`);
    }
    return { oid, tag: content.tag, value: contentOf(content) };
  });
}

function buildName(parts: readonly (readonly [SubjectAttribute, string])[]): Der {
  const filled = parts.filter(([attribute, value]) => value !== '' || attribute === 'CN');
  return encodeSequence(
    ...filled.map(([attribute, value]) => {
      if (value === '') throw new RangeError('the common name is empty');
      const type = encodeOid(subjectAttributes[attribute]);
      return encodeDer(tags.set, encodeSequence(type, encodeText(value)));
    }),
  );
}

function attributesOf(name: Name, oid: string): NameAttribute[] {
  return name.relativeNames.flat().filter((attribute) => attribute.oid === oid);
}

function formatAttribute({ oid, tag, value }: NameAttribute): string {
  const text = decodeText(tag, value);
  return `${nameOfAttribute(oid)}=${text === undefined ? `#${hexOf(value)}` : escapeText(text)}`;
}

function escapeText(text: string): string {
  return text
    .replace(/[\\",+;<>=]/g, '\\$&')
    .replace(/\p{Cc}/gu, (letter) => hexOf(Buffer.from(letter)).replace(/../g, '\\$&'))
    .replace(/^[ #]|(?<=.) $/g, '\\$&');
}
