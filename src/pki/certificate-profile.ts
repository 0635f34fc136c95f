import * as asn1js from 'asn1js';
import {
  AccessDescription,
  AltName,
  AuthorityKeyIdentifier,
  BasicConstraints,
  CRLDistributionPoints,
  DistributionPoint,
  ExtKeyUsage,
  Extension,
  GeneralName,
  InfoAccess,
} from 'pkijs';
import { asDer, type Der } from './der.js';
import { encodeIpAddress } from './ip-address.js';
import { oids } from './object-identifiers.js';

/** What a certificate is for; decides its extensions alone, whatever a request asks for. */
export type Profile = 'authority' | 'client' | 'service-user' | 'service' | 'server' | 'ocsp';

/** Where relying parties find what they need; each is left out where it is not given. */
export interface Pointers {
  readonly crlUrl?: string;
  readonly ocspUrl?: string;
  readonly issuerUrl?: string;
}

/** What the extensions depend on besides the profile; identifiers as raw bytes, addresses in text form. */
export interface ProfileInput {
  readonly profile: Profile;
  readonly subjectKeyIdentifier: Uint8Array;
  readonly authorityKeyIdentifier?: Uint8Array;
  readonly hasRsaKey: boolean;
  readonly pointers: Pointers;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

/** Extensions (RFC 5280 4.2, RFC 6960 4.2.2.2) as DER values; the last one ends with the subject key identifier. */
export function encodeExtensions(input: ProfileInput): readonly Der[] {
  const { authorityKeyIdentifier, subjectKeyIdentifier } = input;
  const extensions = [
    ...profileExtensions(input),
    ...alternativeNames(input),
    ...pointerExtensions(input.pointers),
    ...(authorityKeyIdentifier === undefined ? [] : [authorityKey(authorityKeyIdentifier)]),
    extension(oids.subjectKeyIdentifier, octetString(subjectKeyIdentifier)),
  ];
  return extensions.map((one) => derOfSchema(one.toSchema()));
}

/** Anything of pkijs or asn1js that can be written as DER. */
interface Writable {
  toBER(): ArrayBuffer;
}

function profileExtensions({ profile, hasRsaKey }: ProfileInput): Extension[] {
  switch (profile) {
    case 'authority':
      return [
        extension(
          oids.basicConstraints,
          new BasicConstraints({ cA: true, pathLenConstraint: 0 }).toSchema(),
          { isCritical: true },
        ),
        keyUsage(['keyCertSign', 'cRLSign']),
      ];
    case 'client':
      return [keyUsage(['digitalSignature']), purposes(oids.clientAuth)];
    case 'service-user':
      return [
        keyUsage(hasRsaKey ? ['digitalSignature', 'keyEncipherment'] : ['digitalSignature']),
        purposes(oids.clientAuth),
      ];
    case 'service':
      return [
        keyUsage(hasRsaKey ? ['digitalSignature', 'keyEncipherment'] : ['digitalSignature']),
        purposes(oids.serverAuth, oids.clientAuth),
      ];
    case 'server':
      return [
        keyUsage(hasRsaKey ? ['digitalSignature', 'keyEncipherment'] : ['digitalSignature']),
        purposes(oids.serverAuth),
      ];
    case 'ocsp':
      return [
        keyUsage(['digitalSignature']),
        purposes(oids.ocspSigning),
        extension(oids.ocspNoCheck, new asn1js.Null()),
      ];
  }
}

/** Positions in the named bit list (RFC 5280 4.2.1.3). */
const usageBits = { digitalSignature: 0, keyEncipherment: 2, keyCertSign: 5, cRLSign: 6 };

/** BIT STRING without trailing zero bits, as DER wants a named bit list (X.690 11.2.2). */
function keyUsage(usages: readonly (keyof typeof usageBits)[]): Extension {
  const positions = usages.map((usage) => usageBits[usage]);
  const byte = positions.reduce((bits, position) => bits | (0x80 >> position), 0);
  const value = new asn1js.BitString({
    valueHex: bufferOf(Uint8Array.of(byte)),
    unusedBits: 7 - Math.max(...positions),
  });
  return extension(oids.keyUsage, value, { isCritical: true });
}

function purposes(...keyPurposes: string[]): Extension {
  return extension(oids.extendedKeyUsage, new ExtKeyUsage({ keyPurposes }).toSchema());
}

function alternativeNames({ dnsNames, ipAddresses }: ProfileInput): Extension[] {
  const altNames = [
    ...dnsNames.map((value) => new GeneralName({ type: 2, value })),
    ...ipAddresses.map(
      (text) => new GeneralName({ type: 7, value: octetString(encodeIpAddress(text)) }),
    ),
  ];
  if (altNames.length === 0) return [];
  return [extension(oids.subjectAltName, new AltName({ altNames }).toSchema())];
}

function pointerExtensions({ crlUrl, ocspUrl, issuerUrl }: Pointers): Extension[] {
  const accessDescriptions = [
    ...(ocspUrl === undefined ? [] : [access(oids.ocsp, ocspUrl)]),
    ...(issuerUrl === undefined ? [] : [access(oids.caIssuers, issuerUrl)]),
  ];
  return [
    ...(crlUrl === undefined ? [] : [distributionPoint(crlUrl)]),
    ...(accessDescriptions.length === 0
      ? []
      : [extension(oids.authorityInfoAccess, new InfoAccess({ accessDescriptions }).toSchema())]),
  ];
}

function distributionPoint(url: string): Extension {
  const points = new CRLDistributionPoints({
    distributionPoints: [new DistributionPoint({ distributionPoint: [locator(url)] })],
  });
  return extension(oids.cRLDistributionPoints, points.toSchema());
}

function access(accessMethod: string, url: string): AccessDescription {
  return new AccessDescription({ accessMethod, accessLocation: locator(url) });
}

function locator(value: string): GeneralName {
  return new GeneralName({ type: 6, value });
}

function authorityKey(identifier: Uint8Array): Extension {
  const value = new AuthorityKeyIdentifier({ keyIdentifier: octetString(identifier) });
  return extension(oids.authorityKeyIdentifier, value.toSchema());
}

function extension(
  extnID: string,
  value: Writable,
  { isCritical = false }: { readonly isCritical?: boolean } = {},
): Extension {
  return new Extension({ extnID, critical: isCritical, extnValue: value.toBER() });
}

function octetString(bytes: Uint8Array): asn1js.OctetString {
  return new asn1js.OctetString({ valueHex: bufferOf(bytes) });
}

function derOfSchema(schema: Writable): Der {
  return asDer(new Uint8Array(schema.toBER()));
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
