import { hash } from 'node:crypto';
import { asBuffer } from './bytes.js';
import { bmpOf } from './bmp-string.js';
import { tags } from './der-content.js';
import { encodeDer, encodeOid, encodeSequence } from './der-writer.js';
import type { Der } from './der.js';
import { oids } from './object-identifiers.js';
import type { Encrypted } from './pkcs12-encryption.js';

const context0 = 0xa0;

/** SafeBag with an encrypted private key (RFC 7292 4.2.2). */
export function encodeKeyBag(key: Encrypted, attributes: readonly Der[]): Der {
  const shrouded = encodeSequence(key.algorithm, encodeDer(tags.octetString, key.ciphertext));
  return encodeBag(oids.pkcs8ShroudedKeyBag, shrouded, attributes);
}

/** SafeBag with a certificate (RFC 7292 4.2.3). */
export function encodeCertificateBag(certificate: Der, attributes: readonly Der[]): Der {
  const value = encodeSequence(
    encodeOid(oids.x509Certificate),
    encodeDer(context0, encodeDer(tags.octetString, certificate)),
  );
  return encodeBag(oids.certBag, value, attributes);
}

/** The name under which a reader shows a bag (RFC 2985 5.5.1); Java turns it to lower case. */
export function friendlyName(alias: string): Der {
  return encodeAttribute(oids.friendlyName, encodeDer(tags.bmpString, bmpOf(alias)));
}

/** Ties a key to its certificate (RFC 2985 5.5.2): the SHA-256 of the certificate. */
export function localKeyId(certificate: Der): Der {
  const sha256 = hash('sha256', certificate, 'buffer');
  return encodeAttribute(oids.localKeyId, encodeDer(tags.octetString, sha256));
}

/** Oracle's mark of a trusted certificate, good for every use: without it Java sees an empty trust store. */
export function trustedForEveryUse(): Der {
  return encodeAttribute(oids.trustedKeyUsage, encodeOid(oids.anyExtendedKeyUsage));
}

function encodeBag(type: string, value: Der, attributes: readonly Der[]): Der {
  const explicit = encodeDer(context0, value);
  if (attributes.length === 0) return encodeSequence(encodeOid(type), explicit);
  // SET OF: the order of DER (X.690 11.6).
  const set = [...attributes].sort((left, right) => asBuffer(left).compare(right));
  return encodeSequence(encodeOid(type), explicit, encodeDer(tags.set, ...set));
}

function encodeAttribute(type: string, value: Der): Der {
  return encodeSequence(encodeOid(type), encodeDer(tags.set, value));
}
