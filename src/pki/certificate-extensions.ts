import { asBuffer, hexOf } from './bytes.js';
import { tags } from './der-content.js';
import {
  contentOf,
  expectNoMore,
  expectSequence,
  expectTag,
  MalformedDer,
  readDer,
  type DerValue,
} from './der-reader.js';
import { formatOid } from './der-writer.js';
import { formatIpAddress } from './ip-address.js';
import { oids } from './object-identifiers.js';

/** What a certificate's extensions say (RFC 5280 4.2), as far as it matters here. */
export interface ExtensionFacts {
  readonly isAuthority: boolean;
  readonly pathLength?: number;
  /** Names of RFC 5280 4.2.1.3; empty without the extension. */
  readonly keyUsage: readonly string[];
  /** Dotted; empty without the extension. */
  readonly extendedKeyUsage: readonly string[];
  /** Lower-case hex. */
  readonly subjectKeyIdentifier?: string;
  readonly authorityKeyIdentifier?: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  /** Dotted types of critical extensions that are not interpreted here. */
  readonly criticalUnknown: readonly string[];
}

const usages = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

/** Extensions that are interpreted, or whose meaning asks nothing of who reads them here. */
const understood: readonly string[] = [
  oids.subjectKeyIdentifier,
  oids.keyUsage,
  oids.subjectAltName,
  oids.basicConstraints,
  oids.cRLDistributionPoints,
  oids.certificatePolicies,
  oids.authorityKeyIdentifier,
  oids.extendedKeyUsage,
  oids.authorityInfoAccess,
  oids.ocspNoCheck,
];

/** Interprets extensions, each of which may occur once (RFC 5280 4.2). Throws MalformedDer. */
export function readExtensions(values: readonly DerValue[]): ExtensionFacts {
  const contents = new Map<string, Uint8Array>();
  const criticalUnknown: string[] = [];
  for (const value of values) {
    const { oid, isCritical, content } = readExtension(value);
    if (contents.has(oid)) throw new MalformedDer(`the extension ${oid} occurs twice`);
    contents.set(oid, content);
    if (isCritical && !understood.includes(oid)) criticalUnknown.push(oid);
  }
  return {
    ...readBasicConstraints(contents.get(oids.basicConstraints)),
    keyUsage: readKeyUsage(contents.get(oids.keyUsage)),
    extendedKeyUsage: readExtendedKeyUsage(contents.get(oids.extendedKeyUsage)),
    ...readSubjectKeyIdentifier(contents.get(oids.subjectKeyIdentifier)),
    ...readAuthorityKeyIdentifier(contents.get(oids.authorityKeyIdentifier)),
    ...readAlternativeNames(contents.get(oids.subjectAltName)),
    criticalUnknown,
  };
}

/** One Extension (RFC 5280 4.1): its dotted type and the content of its OCTET STRING. Throws MalformedDer. */
export function readExtension(value: DerValue): {
  readonly oid: string;
  readonly isCritical: boolean;
  readonly content: Uint8Array;
} {
  const parts = expectSequence(value, 'an extension');
  const oid = formatOid(contentOf(expectTag(parts[0], tags.oid, 'the type of an extension')));
  const hasFlag = parts[1]?.tag === tags.boolean;
  // critical is FALSE by default, and DER does not write a default (X.690 11.5).
  const isCritical =
    hasFlag && contentOf(expectTag(parts[1], tags.boolean, 'critical'))[0] === 0xff;
  if (hasFlag && !isCritical) throw new MalformedDer(`the extension ${oid} writes a default`);
  const content = expectTag(parts[hasFlag ? 2 : 1], tags.octetString, `the extension ${oid}`);
  expectNoMore(parts, hasFlag ? 3 : 2, `the extension ${oid}`);
  return { oid, isCritical, content: contentOf(content) };
}

function readBasicConstraints(content: Uint8Array | undefined): {
  isAuthority: boolean;
  pathLength?: number;
} {
  if (content === undefined) return { isAuthority: false };
  const parts = expectSequence(readDer(content), 'basicConstraints');
  const [flag, length] = parts;
  expectNoMore(parts, 2, 'basicConstraints');
  if (flag === undefined) return { isAuthority: false };
  const isAuthority = contentOf(expectTag(flag, tags.boolean, 'basicConstraints'))[0] === 0xff;
  if (length === undefined) return { isAuthority };
  const bytes = contentOf(expectTag(length, tags.integer, 'basicConstraints'));
  const pathLength = Number.parseInt(hexOf(bytes), 16);
  if (bytes.length > 2 || pathLength > 0x7fff)
    throw new MalformedDer('the path length is too long');
  return { isAuthority, pathLength };
}

function readKeyUsage(content: Uint8Array | undefined): readonly string[] {
  if (content === undefined) return [];
  const bits = contentOf(expectTag(readDer(content), tags.bitString, 'keyUsage')).subarray(1);
  const isSet = (index: number): boolean => ((bits[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0;
  const named = usages.filter((_usage, index) => isSet(index));
  // Without one it would read like an absent extension, which allows everything (RFC 5280 4.2.1.3).
  if (named.length === 0) throw new MalformedDer('keyUsage names no usage');
  return named;
}

function readExtendedKeyUsage(content: Uint8Array | undefined): readonly string[] {
  if (content === undefined) return [];
  return expectSequence(readDer(content), 'extendedKeyUsage').map((purpose) =>
    formatOid(contentOf(expectTag(purpose, tags.oid, 'extendedKeyUsage'))),
  );
}

function readSubjectKeyIdentifier(content: Uint8Array | undefined): {
  subjectKeyIdentifier?: string;
} {
  if (content === undefined) return {};
  const value = expectTag(readDer(content), tags.octetString, 'subjectKeyIdentifier');
  return { subjectKeyIdentifier: hexOf(contentOf(value)) };
}

function readAuthorityKeyIdentifier(content: Uint8Array | undefined): {
  authorityKeyIdentifier?: string;
} {
  if (content === undefined) return {};
  const [first] = expectSequence(readDer(content), 'authorityKeyIdentifier');
  return first?.tag === 0x80 ? { authorityKeyIdentifier: hexOf(contentOf(first)) } : {};
}

/** dNSName is [2], iPAddress is [7] (RFC 5280 4.2.1.6); other kinds of name are passed over. Throws MalformedDer. */
export function readAlternativeNames(content: Uint8Array | undefined): {
  dnsNames: readonly string[];
  ipAddresses: readonly string[];
} {
  const names = content === undefined ? [] : expectSequence(readDer(content), 'subjectAltName');
  const contentsOf = (tag: number) => names.filter((name) => name.tag === tag).map(contentOf);
  return {
    dnsNames: contentsOf(0x82).map((bytes) => asBuffer(bytes).toString('latin1')),
    ipAddresses: contentsOf(0x87).map((bytes) => {
      const address = formatIpAddress(bytes);
      if (address === undefined) throw new MalformedDer('an IP address has a wrong length');
      return address;
    }),
  };
}
