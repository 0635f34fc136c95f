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

function readAttribute(value: DerValue): string[] {
  const parts = expectSequence(value, 'an attribute');
  const [type, values] = parts;
  expectNoMore(parts, 2, 'an attribute');
  const oid = formatOid(contentOf(expectTag(type, tags.oid, 'the type of an attribute')));
  const { children } = expectTag(values, tags.set, 'the value of an attribute');
  if (oid !== oids.extensionRequest && oid !== microsoftExtensionRequest) return [nameOfOid(oid)];
  return children.flatMap((extensions) => {
    return expectSequence(extensions, 'the requested extensions').map(readExtensionName);
  });
}

function readExtensionName(value: DerValue): string {
  const [type] = expectSequence(value, 'a requested extension');
  return nameOfOid(formatOid(contentOf(expectTag(type, tags.oid, 'a requested extension'))));
}
