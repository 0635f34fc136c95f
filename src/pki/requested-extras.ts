import { tags } from './der-content.js';
import { contentOf, expectNoMore, expectSequence, expectTag, type DerValue } from './der-reader.js';
import { formatOid } from './der-writer.js';
import { nameOfOid, oids } from './object-identifiers.js';

const maxNames = 20;
const microsoftExtensionRequest = '1.3.6.1.4.1.311.2.1.14';

/**
 * Names of what a request's attributes (RFC 2986 4.1, RFC 2985 5.4) ask for, at most 20, never values: a request gives
 * a key and a proof, so all of it is ignored. Throws MalformedDer.
 */
export function readRequestedExtras(attributes: readonly DerValue[]): readonly string[] {
  return [...new Set(attributes.flatMap(readAttribute))].slice(0, maxNames);
}

/** The extensions that a request's attributes ask for (RFC 2985 5.4.2), in their order. Throws MalformedDer. */
export function readRequestedExtensions(attributes: readonly DerValue[]): readonly DerValue[] {
  return attributes.map(splitAttribute).flatMap(extensionsIn);
}

function readAttribute(value: DerValue): string[] {
  const attribute = splitAttribute(value);
  if (!holdsExtensions(attribute)) return [nameOfOid(attribute.oid)];
  return extensionsIn(attribute).map(readExtensionName);
}

interface Attribute {
  readonly oid: string;
  readonly values: readonly DerValue[];
}

function splitAttribute(value: DerValue): Attribute {
  const parts = expectSequence(value, 'an attribute');
  const [type, values] = parts;
  expectNoMore(parts, 2, 'an attribute');
  const oid = formatOid(contentOf(expectTag(type, tags.oid, 'the type of an attribute')));
  return { oid, values: expectTag(values, tags.set, 'the value of an attribute').children };
}

function holdsExtensions({ oid }: Attribute): boolean {
  return oid === oids.extensionRequest || oid === microsoftExtensionRequest;
}

function extensionsIn(attribute: Attribute): DerValue[] {
  if (!holdsExtensions(attribute)) return [];
  return attribute.values.flatMap((value) => expectSequence(value, 'the requested extensions'));
}

function readExtensionName(value: DerValue): string {
  const [type] = expectSequence(value, 'a requested extension');
  return nameOfOid(formatOid(contentOf(expectTag(type, tags.oid, 'a requested extension'))));
}
