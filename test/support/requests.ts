import { constants, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { tags } from '../../src/pki/der-content.js';
import {
  encodeBitString,
  encodeDer,
  encodeInteger,
  encodeOid,
  encodeSequence,
} from '../../src/pki/der-writer.js';
import { asDer, type Der } from '../../src/pki/der.js';
import { oids } from '../../src/pki/object-identifiers.js';
import { encodePem } from '../../src/pki/pem.js';

/** Key kinds by `rsa-BITS`, `pss-BITS`, the curve's OpenSSL name, or the Edwards curve. */
export type TestKeyType =
  | `rsa-${number}`
  | `pss-${number}`
  | 'prime256v1'
  | 'secp384r1'
  | 'secp521r1'
  | 'prime192v1'
  | 'secp224r1'
  | 'secp256k1'
  | 'brainpoolP256r1'
  | 'ed25519'
  | 'ed448'
  | 'x25519'
  | 'dsa';

/** One attribute: short name or dotted type, value, and the string tag where it is not UTF8String. */
export type TestAttribute = readonly [type: string, value: string | Uint8Array, tag?: number];

export interface RequestInput {
  readonly key: KeyObject;
  /** `/C=DE/CN=app`, attributes one per RDN, groups of attributes that share an RDN, or the Name itself. */
  readonly subject?: string | readonly (TestAttribute | readonly TestAttribute[])[] | Uint8Array;
  readonly digest?: string;
  readonly pss?: { readonly saltLength: number };
  readonly version?: number;
  /** Replaces the key that the request carries; the signature stays that of `key`. */
  readonly spki?: Uint8Array;
  /** DER of the attributes, one after the other; undefined leaves the empty set. */
  readonly attributes?: Uint8Array;
  /** Replaces the AlgorithmIdentifier. */
  readonly algorithm?: Uint8Array;
  /** Replaces the signature's bytes. */
  readonly signature?: Uint8Array;
}

/** The subject that the fixed settings give an application called `app`. */
export const defaultSubject = '/C=DE/ST=Waldorf/L=Waldorf/O=Organization/OU=OrgUnit/CN=app';

/** A new private key. */
export function makeKey(type: TestKeyType): KeyObject {
  const [kind = '', bits] = type.split('-');
  switch (kind) {
    case 'rsa':
      return generateKeyPairSync('rsa', { modulusLength: Number(bits) }).privateKey;
    case 'pss':
      return generateKeyPairSync('rsa-pss', { modulusLength: Number(bits) }).privateKey;
    case 'ed25519':
      return generateKeyPairSync('ed25519').privateKey;
    case 'ed448':
      return generateKeyPairSync('ed448').privateKey;
    case 'x25519':
      return generateKeyPairSync('x25519').privateKey;
    case 'dsa':
      return generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }).privateKey;
    default:
      return generateKeyPairSync('ec', { namedCurve: type }).privateKey;
  }
}

/** A certification request (RFC 2986) with whatever is strange about it. */
export function makeRequest(input: RequestInput): { readonly pem: string; readonly der: Der } {
  const { key, digest = 'sha256', pss, version = 0 } = input;
  const spki = input.spki ?? createPublicKey(key).export({ format: 'der', type: 'spki' });
  const info = encodeSequence(
    encodeInteger(version),
    makeName(input.subject ?? defaultSubject),
    spki,
    encodeDer(0xa0, input.attributes ?? new Uint8Array()),
  );
  const algorithm = input.algorithm ?? algorithmOf({ key, digest, pss });
  const signature = input.signature ?? signInfo({ key, digest, pss, info });
  const der = encodeSequence(info, algorithm, encodeBitString(signature));
  return { der, pem: encodePem('CERTIFICATE REQUEST', der) };
}

/** A Name from the forms that `subject` may have. */
export function makeName(subject: NonNullable<RequestInput['subject']>): Der {
  if (subject instanceof Uint8Array) return asDer(subject);
  const groups =
    typeof subject === 'string'
      ? subject
          .split('/')
          .slice(1)
          .map((part) => [splitAttribute(part)])
      : subject.map((one) => (isAttribute(one) ? [one] : one));
  return encodeSequence(
    ...groups.map((group) => encodeDer(tags.set, ...group.map(encodeAttribute))),
  );
}

/** An attribute of a request: its dotted type and the DER of its values. */
export function makeRequestAttribute(type: string, ...values: readonly Uint8Array[]): Der {
  return encodeSequence(encodeOid(type), encodeDer(tags.set, ...values));
}

/** The extensionRequest attribute (RFC 2985 5.4.2) with extensions of these dotted types, each with an empty SEQUENCE. */
export function makeExtensionRequest(...types: readonly string[]): Der {
  const extensions = types.map((type) =>
    encodeSequence(encodeOid(type), encodeDer(tags.octetString, encodeSequence())),
  );
  return makeRequestAttribute(oids.extensionRequest, encodeSequence(...extensions));
}

/** RSASSA-PSS parameters (RFC 4055 3.1) for a digest, the digest of MGF1 and a salt length. */
export function makePssAlgorithm(input: {
  readonly digest: string;
  readonly maskDigest?: string;
  readonly saltLength: number;
}): Der {
  const digestOf = (name: string) =>
    encodeSequence(encodeOid(digestOids.get(name) ?? name), encodeDer(tags.null));
  const mask = encodeSequence(encodeOid(oids.mgf1), digestOf(input.maskDigest ?? input.digest));
  return encodeSequence(
    encodeOid(oids.rsassaPss),
    encodeSequence(
      encodeDer(0xa0, digestOf(input.digest)),
      encodeDer(0xa1, mask),
      encodeDer(0xa2, encodeInteger(input.saltLength)),
    ),
  );
}

const attributeOids: ReadonlyMap<string, string> = new Map([
  ['CN', oids.commonName],
  ['C', oids.countryName],
  ['O', oids.organizationName],
  ['OU', oids.organizationalUnitName],
  ['L', oids.localityName],
  ['ST', oids.stateOrProvinceName],
  ['serialNumber', '2.5.4.5'],
  ['UID', '0.9.2342.19200300.100.1.1'],
  ['emailAddress', '1.2.840.113549.1.9.1'],
]);

const digestOids: ReadonlyMap<string, string> = new Map([
  ['sha1', oids.sha1],
  ['sha256', oids.sha256],
  ['sha384', oids.sha384],
  ['sha512', oids.sha512],
]);

const signatureOids: ReadonlyMap<string, string> = new Map([
  ['rsa md5', oids.md5WithRSAEncryption],
  ['rsa sha1', oids.sha1WithRSAEncryption],
  ['rsa sha224', oids.sha224WithRSAEncryption],
  ['rsa sha256', oids.sha256WithRSAEncryption],
  ['rsa sha384', oids.sha384WithRSAEncryption],
  ['rsa sha512', oids.sha512WithRSAEncryption],
  ['ec sha1', oids.ecdsaWithSHA1],
  ['ec sha224', oids.ecdsaWithSHA224],
  ['ec sha256', oids.ecdsaWithSHA256],
  ['ec sha384', oids.ecdsaWithSHA384],
  ['ec sha512', oids.ecdsaWithSHA512],
]);

interface Signing {
  readonly key: KeyObject;
  readonly digest: string;
  readonly pss: { readonly saltLength: number } | undefined;
}

/** The AlgorithmIdentifier with which a key signs. */
export function algorithmOf({ key, digest, pss }: Signing): Der {
  const type = key.asymmetricKeyType ?? '';
  if (pss !== undefined) return makePssAlgorithm({ digest, saltLength: pss.saltLength });
  if (type === 'ed25519') return encodeSequence(encodeOid(oids.ed25519));
  const oid = encodeOid(signatureOids.get(`${type} ${digest}`) ?? oids.sha256WithRSAEncryption);
  return type === 'rsa' ? encodeSequence(oid, encodeDer(tags.null)) : encodeSequence(oid);
}

function signInfo({ key, digest, pss, info }: Signing & { readonly info: Der }): Uint8Array {
  if (key.asymmetricKeyType === 'x25519') return new Uint8Array(64);
  if (key.asymmetricKeyType?.startsWith('ed') === true) return sign(null, info, key);
  if (pss === undefined) return sign(digest, info, key);
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return sign(digest, info, { key, padding, saltLength: pss.saltLength });
}

function encodeAttribute([type, value, tag = tags.utf8String]: TestAttribute): Der {
  const content = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  return encodeSequence(encodeOid(attributeOids.get(type) ?? type), encodeDer(tag, content));
}

function splitAttribute(part: string): TestAttribute {
  const at = part.indexOf('=');
  return [part.slice(0, at), part.slice(at + 1)];
}

function isAttribute(one: TestAttribute | readonly TestAttribute[]): one is TestAttribute {
  return typeof one[0] === 'string';
}
