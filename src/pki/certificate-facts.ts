import { hash, createPublicKey } from 'node:crypto';
import { sameBytes } from './bytes.js';
import { readExtensions, type ExtensionFacts } from './certificate-extensions.js';
import { readCertificateStructure } from './certificate-structure.js';
import { tags } from './der-content.js';
import { contentOf, expectTag, MalformedDer } from './der-reader.js';
import { formatOid } from './der-writer.js';
import { asDer, type Der, type SerialNumber } from './der.js';
import { readName } from './names.js';
import { isSignature, readSignatureAlgorithm } from './signature-algorithm.js';

/** What a certificate says (RFC 5280 4.1, 4.2); times in seconds UTC, hashes and identifiers in lower-case hex. */
export interface CertificateFacts extends ExtensionFacts {
  readonly der: Der;
  readonly sha256: string;
  readonly serial: SerialNumber;
  readonly issuer: Der;
  readonly subject: Der;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly spki: Der;
  readonly spkiSha256: string;
  /** Dotted. */
  readonly signatureAlgorithm: string;
}

/** Reads a certificate under strict DER; judges no signature and no date. Throws MalformedDer. */
export function readCertificate(der: Uint8Array): CertificateFacts {
  const structure = readCertificateStructure(der);
  const { serial, issuer, subject, notBefore, notAfter, spki } = structure;
  for (const name of [issuer, subject]) readName(name);
  if (notAfter < notBefore) throw new MalformedDer('the certificate ends before it begins');
  const [type] = structure.algorithm.children;
  const oid = contentOf(expectTag(type, tags.oid, 'the signature algorithm'));
  return {
    der: asDer(der),
    sha256: sha256Of(der),
    serial,
    issuer,
    subject,
    notBefore,
    notAfter,
    spki,
    spkiSha256: sha256Of(spki),
    signatureAlgorithm: formatOid(oid),
    ...readExtensions(structure.extensions),
  };
}

interface CertificateAndIssuer {
  readonly certificate: CertificateFacts;
  readonly issuer: CertificateFacts;
}

/**
 * Whether the issuer's key signed the certificate with SHA-256 or better and the names fit byte by byte
 * (RFC 5280 6.1.3 a 1 and 4). Dates, and whether the issuer may sign at all, are the caller's to judge.
 */
export function isSignedBy(input: CertificateAndIssuer): boolean {
  return judgeSignature(input) === 'sound';
}

/**
 * The same, with a signature over SHA-1 told apart: it fits the issuer's key and proves nothing, since a collision
 * moves it to another certificate (RFC 6194 section 3).
 */
export function judgeSignature(input: CertificateAndIssuer): 'sound' | 'sha1' | 'none' {
  const { certificate, issuer } = input;
  if (!sameBytes(certificate.issuer, issuer.subject)) return 'none';
  const { algorithm: named, toBeSigned, signature } = readCertificateStructure(certificate.der);
  const algorithm = readSignatureAlgorithm(named);
  if ('refusal' in algorithm) return 'none';
  const key = createPublicKey({ key: Buffer.from(issuer.spki), format: 'der', type: 'spki' });
  if (!isSignature({ algorithm, key, data: toBeSigned, signature })) return 'none';
  return algorithm.digest === 'sha1' ? 'sha1' : 'sound';
}

function sha256Of(bytes: Uint8Array): string {
  return hash('sha256', bytes);
}
