import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readCertificate } from '../../src/pki/certificate-facts.js';
import { encodeTime } from '../../src/pki/certificate-time.js';
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
import { encodePem, readPemBlocks } from '../../src/pki/pem.js';
import type { CertifiedKey } from './authority-files.js';
import { holderFrom, subjectOf } from './gateway.js';
import type { Holder } from './gateway.js';
import { makeExtension } from './ocsp.js';
import { algorithmOf, makeKey, makeName } from './requests.js';
import type { RequestInput } from './requests.js';

/** What is strange about a certificate from elsewhere; without anything it is as the Connector Service made them. */
export interface ForeignInput {
  readonly application?: string;
  readonly key?: KeyObject;
  readonly subject?: RequestInput['subject'];
  readonly serial?: number;
  /** Seconds UTC; 92 days around now by default. */
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly digest?: 'sha1' | 'sha256';
  readonly extensions?: readonly Der[];
}

/** keyUsage with these bits, the first one in the highest (RFC 5280 4.2.1.3). */
export function keyUsage(bits: number): Der {
  const unused = 31 - Math.clz32(bits & -bits);
  const content = bits === 0 ? [0] : [unused, bits];
  return makeExtension(oids.keyUsage, encodeDer(tags.bitString, Buffer.from(content)), {
    critical: true,
  });
}

/** extendedKeyUsage with these purposes. */
export function extendedKeyUsage(...purposes: readonly string[]): Der {
  return makeExtension(oids.extendedKeyUsage, encodeSequence(...purposes.map(encodeOid)));
}

export const digitalSignature = 0x80;

/** Digital signature, client authentication, no key identifier of its own: the Connector Service's profile. */
export const originalExtensions: readonly Der[] = [
  keyUsage(digitalSignature),
  extendedKeyUsage(oids.clientAuth),
];

/** Issues a certificate past every gateway, with the authority's RSA key and serial number 2. */
export function issueElsewhere(authority: CertifiedKey, input: ForeignInput = {}): Holder {
  const { application = 'app', key = makeKey('prime256v1') } = input;
  const der = foreignCertificate(authority, { ...input, key });
  const clientCrt = Buffer.from(encodePem('CERTIFICATE', der)).toString('base64');
  return holderFrom({ clientCrt }, { application, key });
}

function foreignCertificate(
  authority: CertifiedKey,
  input: ForeignInput & { readonly key: KeyObject },
): Der {
  const { application = 'app', key, serial = 2, digest = 'sha256' } = input;
  const { subject = subjectOf(application), extensions = originalExtensions } = input;
  const now = Math.floor(Date.now() / 1000);
  const { notBefore = now - 60, notAfter = now + 92 * 86_400 } = input;
  const authorityKey = createPrivateKey(readFileSync(authority.keyFile));
  const algorithm = algorithmOf({ key: authorityKey, digest, pss: undefined });
  const [block] = readPemBlocks(readFileSync(authority.certFile, 'utf8'));
  const issuer = readCertificate(block?.der ?? new Uint8Array());
  const keyIdentifier = Buffer.from(issuer.subjectKeyIdentifier ?? '', 'hex');
  const ofIssuer = makeExtension(
    oids.authorityKeyIdentifier,
    encodeSequence(encodeDer(0x80, keyIdentifier)),
  );
  const toBeSigned = encodeSequence(
    encodeDer(0xa0, encodeInteger(2)),
    encodeInteger(serial),
    algorithm,
    issuer.subject,
    encodeSequence(encodeTime(notBefore), encodeTime(notAfter)),
    makeName(subject),
    createPublicKey(key).export({ format: 'der', type: 'spki' }),
    encodeDer(0xa3, encodeSequence(...extensions, ofIssuer)),
  );
  const signature = sign(digest, toBeSigned, authorityKey);
  return encodeSequence(toBeSigned, algorithm, encodeBitString(signature));
}
