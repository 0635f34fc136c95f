import { createHash } from 'node:crypto';
import { Failure } from '../failure.js';
import { hexOf } from './bytes.js';
import { readExtension } from './certificate-extensions.js';
import type { CertificateFacts } from './certificate-facts.js';
import { tags } from './der-content.js';
import {
  contentOf,
  derOf,
  expectNoMore,
  expectSequence,
  expectTag,
  expectWholeBits,
  MalformedDer,
  readDer,
  type DerValue,
} from './der-reader.js';
import { formatOid } from './der-writer.js';
import { asSerialNumber, type Der, type SerialNumber } from './der.js';
import { oids } from './object-identifiers.js';

/** A certificate that is asked about (RFC 6960 4.1.1); hashes in lower-case hex. */
export interface CertificateId {
  readonly der: Der;
  /** Undefined for a digest that is not read here: nothing can be said about such an issuer. */
  readonly digest: 'sha1' | 'sha256' | undefined;
  readonly issuerNameHash: string;
  readonly issuerKeyHash: string;
  readonly serial: SerialNumber;
}

/** What an OCSP request asks; at least one certificate. */
export interface OcspRequest {
  readonly certificates: readonly CertificateId[];
  /** The octets of RFC 9654 2.1, 1 to 128 of them. */
  readonly nonce: Uint8Array | undefined;
}

const maxBytes = 16 * 1024;
const maxCertificates = 20;
const maxNonceBytes = 128;

/** SHA-1 is what most clients name an issuer with (RFC 5019 2.1.1); nothing here rests on its strength. */
const digests: ReadonlyMap<string, 'sha1' | 'sha256'> = new Map([
  [oids.sha1, 'sha1'],
  [oids.sha256, 'sha256'],
]);

/**
 * Reads an OCSP request (RFC 6960 4.1.1) under strict DER; a signature on it proves nothing here and is not verified.
 * Throws MalformedDer, and Failure `request-too-large` above 16 KiB.
 */
export function readOcspRequest(bytes: Uint8Array): OcspRequest {
  if (bytes.length > maxBytes) {
    throw new Failure(
      'request-too-large',
      `The OCSP request has ${bytes.length} bytes: send one of at most ${maxBytes}.`,
    );
  }
  const [toBeSigned, signature, ...more] = expectSequence(readDer(bytes), 'the request');
  expectNoMore(more, 0, 'the request');
  if (signature !== undefined) {
    expectSequence(unwrap(signature, 0xa0, 'the signature'), 'the signature');
  }
  const [list, extensions, ...others] = fieldsOf(toBeSigned);
  expectNoMore(others, 0, 'the request');
  const certificates = expectSequence(list, 'the list of requests').map(readSingleRequest);
  if (certificates.length === 0) throw new MalformedDer('the request asks for nothing');
  if (certificates.length > maxCertificates) {
    throw new MalformedDer(`the request asks for more than ${maxCertificates} certificates`);
  }
  return { certificates, nonce: readNonce(extensions) };
}

/** Whether the certificate that is asked about has this issuer: its name and its key (RFC 6960 4.1.1). */
export function namesIssuer(id: CertificateId, issuer: CertificateFacts): boolean {
  const { digest } = id;
  if (digest === undefined) return false;
  const nameHash = createHash(digest).update(issuer.subject).digest('hex');
  return id.issuerNameHash === nameHash && id.issuerKeyHash === issuerKeyHash(issuer, digest);
}

/** The hash by which a request names the key of an issuer (RFC 6960 4.1.1), in lower-case hex. */
export function issuerKeyHash({ spki }: CertificateFacts, digest: 'sha1' | 'sha256'): string {
  const [, key] = expectSequence(readDer(spki), 'the public key');
  return createHash(digest).update(expectWholeBits(key, 'the public key')).digest('hex');
}

/** What follows the version and the requestor's name, which decides nothing here. */
function fieldsOf(toBeSigned: DerValue | undefined): readonly DerValue[] {
  const fields = expectSequence(toBeSigned, 'the request');
  const [first] = fields;
  // A version of 1 is the default, which DER does not write (X.690 11.5), and there is no other.
  if (first?.tag === 0xa0) throw new MalformedDer('the request writes a version');
  if (first?.tag !== 0xa1) return fields;
  if (unwrap(first, 0xa1, 'the name of the requestor') === undefined) {
    throw new MalformedDer('the name of the requestor is missing');
  }
  return fields.slice(1);
}

function readSingleRequest(value: DerValue): CertificateId {
  const [id, extensions, ...more] = expectSequence(value, 'a single request');
  expectNoMore(more, 0, 'a single request');
  if (extensions !== undefined) readExtensionSet(extensions, { tag: 0xa0, understood: [] });
  const [algorithm, name, key, serial, ...others] = expectSequence(id, 'a certificate identifier');
  expectNoMore(others, 0, 'a certificate identifier');
  return {
    der: derOf(expectTag(id, tags.sequence, 'a certificate identifier')),
    digest: readDigest(algorithm),
    issuerNameHash: hexOf(contentOf(expectTag(name, tags.octetString, 'the hash of the name'))),
    issuerKeyHash: hexOf(contentOf(expectTag(key, tags.octetString, 'the hash of the key'))),
    serial: asSerialNumber(hexOf(contentOf(expectTag(serial, tags.integer, 'the serial number')))),
  };
}

function readDigest(value: DerValue | undefined): 'sha1' | 'sha256' | undefined {
  const [oid, parameters, ...more] = expectSequence(value, 'the hash algorithm');
  expectNoMore(more, 0, 'the hash algorithm');
  if (parameters !== undefined) expectTag(parameters, tags.null, 'the parameters of the hash');
  return digests.get(formatOid(contentOf(expectTag(oid, tags.oid, 'the hash algorithm'))));
}

function readNonce(value: DerValue | undefined): Uint8Array | undefined {
  if (value === undefined) return undefined;
  const extensions = readExtensionSet(value, { tag: 0xa2, understood: [oids.ocspNonce] });
  const nonce = extensions.get(oids.ocspNonce);
  if (nonce === undefined) return undefined;
  const octets = contentOf(expectTag(readDer(nonce), tags.octetString, 'the nonce'));
  if (octets.length === 0 || octets.length > maxNonceBytes) {
    throw new MalformedDer(`the nonce is not 1 to ${maxNonceBytes} bytes long`);
  }
  return octets;
}

/** Contents by type. What is not understood is ignored, unless it is critical (RFC 6960 4.4). */
function readExtensionSet(
  value: DerValue,
  { tag, understood }: { readonly tag: number; readonly understood: readonly string[] },
): ReadonlyMap<string, Uint8Array> {
  const contents = new Map<string, Uint8Array>();
  for (const one of expectSequence(unwrap(value, tag, 'the extensions'), 'the extensions')) {
    const { oid, isCritical, content } = readExtension(one);
    if (contents.has(oid)) throw new MalformedDer(`the extension ${oid} occurs twice`);
    if (isCritical && !understood.includes(oid)) {
      throw new MalformedDer(`the extension ${oid} is critical and not understood`);
    }
    contents.set(oid, content);
  }
  return contents;
}

/** The one value inside an explicit tag. */
function unwrap(value: DerValue, tag: number, what: string): DerValue | undefined {
  const { children } = expectTag(value, tag, what);
  expectNoMore(children, 1, what);
  return children[0];
}
