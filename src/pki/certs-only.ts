import { asBuffer } from './bytes.js';
import { tags } from './der-content.js';
import { encodeDer, encodeInteger, encodeOid, encodeSequence } from './der-writer.js';
import type { Der } from './der.js';
import { oids } from './object-identifiers.js';

/**
 * Certificates as a certs-only message: a ContentInfo with SignedData of version 1 that signs nothing (RFC 5652 5.1,
 * RFC 5272 4.1). The set has the order of DER (X.690 11.6), whatever the order that they come in.
 */
export function encodeCertsOnly(certificates: readonly Der[]): Der {
  const set = [...certificates].sort((left, right) => asBuffer(left).compare(right));
  const signedData = encodeSequence(
    encodeInteger(1),
    encodeDer(tags.set),
    encodeSequence(encodeOid(oids.data)),
    encodeDer(0xa0, ...set),
    encodeDer(tags.set),
  );
  return encodeSequence(encodeOid(oids.signedData), encodeDer(0xa0, signedData));
}
