import { createHash } from 'node:crypto';
import { sameBytes } from './bytes.js';
import { tags } from './der-content.js';
import { derOf, expectSequence, expectTag, expectWholeBits, readDer } from './der-reader.js';
import { encodeOid } from './der-writer.js';
import type { Der } from './der.js';
import { oids } from './object-identifiers.js';

/** How long a key identifier of ours is, in bytes. */
export const keyIdentifierLength = 20;

const rsaEncryption = encodeOid(oids.rsaEncryption);

/** Key identifier: the first 160 bits of SHA-256 over the public key's bits (RFC 7093 section 2, method 1). */
export function keyIdentifier(spki: Der): Uint8Array {
  const [, bits] = expectSequence(readDer(spki), 'the public key');
  const hash = createHash('sha256').update(expectWholeBits(bits, 'the public key')).digest();
  return hash.subarray(0, keyIdentifierLength);
}

/** Whether a SubjectPublicKeyInfo holds an RSA key (RFC 3279 2.3.1). */
export function isRsaKey(spki: Der): boolean {
  const [algorithm] = expectSequence(readDer(spki), 'the public key');
  const [type] = expectSequence(algorithm, 'the key algorithm');
  return sameBytes(derOf(expectTag(type, tags.oid, 'the key algorithm')), rsaEncryption);
}
