import { createPublicKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { tags } from '../../src/pki/der-content.js';
import {
  encodeBitString,
  encodeDer,
  encodeInteger,
  encodeOid,
  encodeSequence,
} from '../../src/pki/der-writer.js';
import type { Der } from '../../src/pki/der.js';
import { oids } from '../../src/pki/object-identifiers.js';
import { encodePem } from '../../src/pki/pem.js';

const challengePassword = '1.2.840.113549.1.9.7';
let made = 0;

/**
 * A certification request in PEM under this name. Each differs from all before in an attribute that is ignored, so
 * that none of them is answered as the repetition of another.
 */
export function makeRequest({ key, subject }: { key: KeyObject; subject: Der }): string {
  made += 1;
  const password = encodeDer(tags.utf8String, Buffer.from(`request ${made}`));
  const attribute = encodeSequence(encodeOid(challengePassword), encodeDer(tags.set, password));
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const info = encodeSequence(encodeInteger(0), subject, spki, encodeDer(0xa0, attribute));
  const algorithm =
    key.asymmetricKeyType === 'rsa'
      ? encodeSequence(encodeOid(oids.sha256WithRSAEncryption), encodeDer(tags.null))
      : encodeSequence(encodeOid(oids.ecdsaWithSHA256));
  const signature = sign('sha256', info, key);
  return encodePem(
    'CERTIFICATE REQUEST',
    encodeSequence(info, algorithm, encodeBitString(signature)),
  );
}

/** The body that asks for a renewal. */
export function renewalBody(pem: string): string {
  return JSON.stringify({ csr: Buffer.from(pem).toString('base64') });
}
