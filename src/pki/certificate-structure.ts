import { hexOf, sameBytes } from './bytes.js';
import { readTime } from './certificate-time.js';
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
import { asSerialNumber, type Der, type SerialNumber } from './der.js';

/** The fields of a certificate as they stand in its bytes (RFC 5280 4.1); times in seconds UTC. */
export interface CertificateStructure {
  readonly toBeSigned: Der;
  readonly serial: SerialNumber;
  readonly algorithm: DerValue;
  readonly issuer: Der;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly subject: Der;
  readonly spki: Der;
  readonly extensions: readonly DerValue[];
  readonly signature: Uint8Array;
}

/** Takes a certificate of version 1 or 3 apart. Strict DER; throws MalformedDer. */
export function readCertificateStructure(bytes: Uint8Array): CertificateStructure {
  const certificate = expectSequence(readDer(bytes), 'the certificate');
  const [signed, outerAlgorithm, signature] = certificate;
  expectNoMore(certificate, 3, 'the certificate');
  const { isVersion3, fields } = splitVersion(expectSequence(signed, 'the signed part'));
  const [serial, innerAlgorithm, issuer, validity, subject, spki, extensions] = fields;
  expectNoMore(fields, isVersion3 ? 7 : 6, 'the signed part');
  const algorithm = expectTag(outerAlgorithm, tags.sequence, 'the signature algorithm');
  const named = derOf(expectTag(innerAlgorithm, tags.sequence, 'the signature algorithm'));
  if (!sameBytes(named, derOf(algorithm))) {
    throw new MalformedDer('the two signature algorithms of the certificate differ');
  }
  const times = expectSequence(validity, 'the validity');
  expectNoMore(times, 2, 'the validity');
  return {
    toBeSigned: derOf(expectTag(signed, tags.sequence, 'the signed part')),
    serial: asSerialNumber(hexOf(contentOf(expectTag(serial, tags.integer, 'the serial number')))),
    algorithm,
    issuer: derOf(expectTag(issuer, tags.sequence, 'the issuer')),
    notBefore: readTime(times[0]),
    notAfter: readTime(times[1]),
    subject: derOf(expectTag(subject, tags.sequence, 'the subject')),
    spki: derOf(expectTag(spki, tags.sequence, 'the public key')),
    extensions: extensions === undefined ? [] : unwrapExtensions(extensions),
    signature: expectWholeBits(signature, 'the signature'),
  };
}

/** Version 1 is the default and not written; version 2 is not accepted (RFC 5280 4.1.2.1). */
function splitVersion(signed: readonly DerValue[]): {
  isVersion3: boolean;
  fields: readonly DerValue[];
} {
  const [first, ...rest] = signed;
  if (first?.tag !== 0xa0) return { isVersion3: false, fields: signed };
  expectNoMore(first.children, 1, 'the version');
  const version = contentOf(expectTag(first.children[0], tags.integer, 'the version'));
  if (version.length !== 1 || version[0] !== 2) throw new MalformedDer('the version is not 3');
  return { isVersion3: true, fields: rest };
}

function unwrapExtensions(value: DerValue): readonly DerValue[] {
  const { children } = expectTag(value, 0xa3, 'the extensions');
  expectNoMore(children, 1, 'the extensions');
  return expectSequence(children[0], 'the extensions');
}
