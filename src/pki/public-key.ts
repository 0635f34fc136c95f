import { hash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { Failure } from '../failure.js';
import { asBuffer, hexOf } from './bytes.js';
import { tags } from './der-content.js';
import {
  contentOf,
  derOf,
  expectNoMore,
  expectSequence,
  expectTag,
  expectWholeBits,
  readDer,
  type DerValue,
} from './der-reader.js';
import { formatOid } from './der-writer.js';
import type { Der } from './der.js';
import { nameOfOid, oids } from './object-identifiers.js';
import { isSmallOrderPoint } from './small-order-points.js';
import { findRsaWeakness } from './weak-keys.js';

/** The kinds of key that a client may have. */
export type KeyType =
  'rsa-2048' | 'rsa-3072' | 'rsa-4096' | 'ec-p256' | 'ec-p384' | 'ec-p521' | 'ed25519';

/** A public key that has passed the key rules; `key` is ready for node:crypto. */
export interface PublicKey {
  readonly spki: Der;
  readonly spkiSha256: string;
  readonly type: KeyType;
  readonly key: KeyObject;
}

const accepted =
  'use RSA with 2048, 3072 or 4096 bits and exponent 65537, EC on the named curve P-256, P-384 or P-521, or Ed25519';

const rsaTypes: ReadonlyMap<number, KeyType> = new Map([
  [2048, 'rsa-2048'],
  [3072, 'rsa-3072'],
  [4096, 'rsa-4096'],
]);

const curves: ReadonlyMap<string, { type: KeyType; crv: string; size: number }> = new Map([
  [oids.p256, { type: 'ec-p256', crv: 'P-256', size: 32 }],
  [oids.p384, { type: 'ec-p384', crv: 'P-384', size: 48 }],
  [oids.p521, { type: 'ec-p521', crv: 'P-521', size: 66 }],
]);

/**
 * Judges a SubjectPublicKeyInfo (RFC 5280 4.1.2.7). Throws Failure `key-unsupported` or `key-weak` that names what is
 * accepted, and MalformedDer where the structure is broken.
 */
export function readPublicKey(spki: Der): PublicKey {
  return readPublicKeyValue(readDer(spki));
}

/** The same for a key inside a structure that has been read already. */
export function readPublicKeyValue(value: DerValue): PublicKey {
  const [algorithm, bitsValue, ...more] = expectSequence(value, 'the public key');
  expectNoMore(more, 0, 'the public key');
  const [oidValue, ...parameters] = expectSequence(algorithm, 'the key algorithm');
  const oid = formatOid(contentOf(expectTag(oidValue, tags.oid, 'the key algorithm')));
  const bits = expectWholeBits(bitsValue, 'the public key');
  const { type, jwk } = readKey({ oid, parameters, bits });
  const spki = derOf(value);
  const spkiSha256 = hash('sha256', spki);
  return { spki, spkiSha256, type, key: importKey(jwk) };
}

interface KeyParts {
  readonly oid: string;
  readonly parameters: readonly DerValue[];
  readonly bits: Uint8Array;
}

interface ReadKey {
  readonly type: KeyType;
  readonly jwk: JsonWebKey;
}

function readKey(parts: KeyParts): ReadKey {
  switch (parts.oid) {
    case oids.rsaEncryption:
      return readRsaKey(parts);
    case oids.ecPublicKey:
      return readEcKey(parts);
    case oids.ed25519:
      return readEd25519Key(parts);
    default:
      throw unsupported(`keys of type ${nameOfOid(parts.oid)} are not accepted`);
  }
}

/** RFC 3279 2.3.1: parameters NULL, RSAPublicKey {modulus, publicExponent}. */
function readRsaKey({ parameters, bits }: KeyParts): ReadKey {
  expectTag(parameters[0], tags.null, 'the parameters of the RSA key');
  expectNoMore(parameters, 1, 'the key algorithm');
  const [modulusValue, exponentValue, ...more] = expectSequence(readDer(bits), 'the RSA key');
  expectNoMore(more, 0, 'the RSA key');
  const modulus = unsignedContent(modulusValue, 'the RSA modulus');
  const exponent = unsignedContent(exponentValue, 'the RSA exponent');
  const size = Math.max(0, modulus.length * 8 + 24 - Math.clz32(modulus[0] ?? 0));
  const type = rsaTypes.get(size);
  if (type === undefined) throw unsupported(`RSA keys of ${size} bits are not accepted`);
  if (hexOf(exponent) !== '010001') throw weak('its RSA exponent is not 65537');
  const weakness = findRsaWeakness(modulus);
  if (weakness !== undefined) throw weak(weakness);
  return { type, jwk: { kty: 'RSA', n: base64Url(modulus), e: 'AQAB' } };
}

/** RFC 5480 2.1.1 and 2.2: a named curve, the point uncompressed. */
function readEcKey({ parameters, bits }: KeyParts): ReadKey {
  const [parameter] = parameters;
  expectNoMore(parameters, 1, 'the key algorithm');
  if (parameter?.tag !== tags.oid) {
    throw unsupported('EC keys with explicit or absent curve parameters are not accepted');
  }
  const oid = formatOid(contentOf(parameter));
  const curve = curves.get(oid);
  if (curve === undefined)
    throw unsupported(`EC keys on the curve ${nameOfOid(oid)} are not accepted`);
  const { type, crv, size } = curve;
  if (bits[0] !== 0x04 || bits.length !== 1 + 2 * size) {
    throw unsupported(`the EC key is not an uncompressed point of ${crv}`);
  }
  const x = base64Url(bits.subarray(1, 1 + size));
  return { type, jwk: { kty: 'EC', crv, x, y: base64Url(bits.subarray(1 + size)) } };
}

/** RFC 8410 section 3 and 4: no parameters, 32 bytes. */
function readEd25519Key({ parameters, bits }: KeyParts): ReadKey {
  expectNoMore(parameters, 0, 'the key algorithm');
  if (bits.length !== 32)
    throw unsupported(`the Ed25519 key has ${bits.length} bytes instead of 32`);
  if (isSmallOrderPoint(bits))
    throw weak('it is a point of small order, for which anyone can sign');
  return { type: 'ed25519', jwk: { kty: 'OKP', crv: 'Ed25519', x: base64Url(bits) } };
}

/** By way of a JWK: OpenSSL's search for a decoder of DER costs more than everything else here. */
function importKey(jwk: JsonWebKey): KeyObject {
  try {
    return createPublicKey({ format: 'jwk', key: jwk });
  } catch (cause) {
    throw unsupported('the key is not a point on its curve', cause);
  }
}

function unsignedContent(value: DerValue | undefined, what: string): Uint8Array {
  const content = contentOf(expectTag(value, tags.integer, what));
  if ((content[0] ?? 0) >= 0x80) throw weak(`${what} is negative`);
  return content[0] === 0 ? content.subarray(1) : content;
}

function base64Url(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('base64url');
}

function unsupported(what: string, cause?: unknown): Failure {
  return new Failure('key-unsupported', `CSR: ${what}: ${accepted}.`, { cause });
}

function weak(what: string): Failure {
  return new Failure('key-weak', `CSR: the key is weak, ${what}: make a new key, and ${accepted}.`);
}
