import { encodeOid, encodeSequence } from './der-writer.js';
import type { Der } from './der.js';
import { oids } from './object-identifiers.js';

/**
 * CsrAttrs (RFC 7030 4.5.2, syntax of RFC 8951 section 4): what a certification request should have. It names signature
 * algorithms alone, one for each usual key type: extensions are ignored, and the client chooses its key.
 */
export function encodeCsrAttributes(): Der {
  return encodeSequence(encodeOid(oids.ecdsaWithSHA256), encodeOid(oids.sha256WithRSAEncryption));
}
