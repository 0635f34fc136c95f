import { constants, verify, type KeyObject, type VerifyKeyObjectInput } from 'node:crypto';
import { tags } from './der-content.js';
import { contentOf, expectSequence, expectTag, type DerValue } from './der-reader.js';
import { formatOid } from './der-writer.js';
import { nameOfOid, oids } from './object-identifiers.js';

/** How a signature was made; `digest` null where the algorithm has its own. */
export interface SignatureAlgorithm {
  readonly keyType: 'rsa' | 'ec' | 'ed25519';
  readonly digest: 'sha1' | 'sha256' | 'sha384' | 'sha512' | null;
  readonly isPss: boolean;
}

/** Why an algorithm is not accepted, and what to use instead. */
export interface AlgorithmRefusal {
  readonly refusal: string;
}

const rsaDigests: ReadonlyMap<string, 'sha1' | 'sha256' | 'sha384' | 'sha512'> = new Map([
  [oids.sha1WithRSAEncryption, 'sha1'],
  [oids.sha256WithRSAEncryption, 'sha256'],
  [oids.sha384WithRSAEncryption, 'sha384'],
  [oids.sha512WithRSAEncryption, 'sha512'],
]);

const ecDigests: ReadonlyMap<string, 'sha256' | 'sha384' | 'sha512'> = new Map([
  [oids.ecdsaWithSHA256, 'sha256'],
  [oids.ecdsaWithSHA384, 'sha384'],
  [oids.ecdsaWithSHA512, 'sha512'],
]);

const pssDigests: ReadonlyMap<string, { name: 'sha256' | 'sha384' | 'sha512'; salt: number }> =
  new Map([
    [oids.sha256, { name: 'sha256', salt: 32 }],
    [oids.sha384, { name: 'sha384', salt: 48 }],
    [oids.sha512, { name: 'sha512', salt: 64 }],
  ]);

const pssRule =
  'RSA-PSS needs SHA-256, SHA-384 or SHA-512, the same digest in MGF1 and a salt as long as the digest';

/** Reads an AlgorithmIdentifier of a signature (RFC 4055, RFC 5758, RFC 8410). Throws MalformedDer. */
export function readSignatureAlgorithm(value: DerValue): SignatureAlgorithm | AlgorithmRefusal {
  const [oidValue, ...parameters] = expectSequence(value, 'the signature algorithm');
  const oid = formatOid(contentOf(expectTag(oidValue, tags.oid, 'the signature algorithm')));
  const name = nameOfOid(oid);
  const rsaDigest = rsaDigests.get(oid);
  if (rsaDigest !== undefined) {
    // RFC 4055 section 5: the NULL is written, its absence is accepted.
    if (!isNullOrAbsent(parameters)) return { refusal: `${name} takes no parameters` };
    return { keyType: 'rsa', digest: rsaDigest, isPss: false };
  }
  const ecDigest = ecDigests.get(oid);
  if (ecDigest !== undefined || oid === oids.ed25519) {
    if (parameters.length > 0) return { refusal: `${name} takes no parameters` };
    if (ecDigest === undefined) return { keyType: 'ed25519', digest: null, isPss: false };
    return { keyType: 'ec', digest: ecDigest, isPss: false };
  }
  if (oid !== oids.rsassaPss) {
    return { refusal: `${name} is not accepted, sign with SHA-256, SHA-384, SHA-512 or Ed25519` };
  }
  const digest = readPssDigest(parameters);
  return digest === undefined ? { refusal: pssRule } : { keyType: 'rsa', digest, isPss: true };
}

interface Signed {
  readonly algorithm: SignatureAlgorithm;
  readonly key: KeyObject;
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
}

/** Whether the key's owner signed these bytes in this way; false also where algorithm and key do not fit. */
export function isSignature({ algorithm, key, data, signature }: Signed): boolean {
  if (key.asymmetricKeyType !== algorithm.keyType) return false;
  return verify(algorithm.digest, data, keyAndPadding(algorithm, key), signature);
}

/** The same for long data, off the main thread. */
export async function isLongSignature({
  algorithm,
  key,
  data,
  signature,
}: Signed): Promise<boolean> {
  if (key.asymmetricKeyType !== algorithm.keyType) return false;
  return new Promise((resolve, reject) => {
    verify(algorithm.digest, data, keyAndPadding(algorithm, key), signature, (error, isValid) => {
      if (error === null) resolve(isValid);
      else reject(error);
    });
  });
}

function keyAndPadding(
  { isPss }: SignatureAlgorithm,
  key: KeyObject,
): KeyObject | VerifyKeyObjectInput {
  if (!isPss) return key;
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants;
  return { key, padding, saltLength };
}

/** RSASSA-PSS-params (RFC 4055 3.1) with every field but the trailer present, since the defaults mean SHA-1. */
function readPssDigest(
  parameters: readonly DerValue[],
): 'sha256' | 'sha384' | 'sha512' | undefined {
  const [value] = parameters;
  if (parameters.length !== 1 || value?.tag !== tags.sequence) return undefined;
  const [hash, maskGeneration, salt, ...more] = value.children;
  if (hash?.tag !== 0xa0 || maskGeneration?.tag !== 0xa1 || salt?.tag !== 0xa2) return undefined;
  if (more.length > 0) return undefined;
  const digest = pssDigests.get(readDigestOid(only(hash)) ?? '');
  const saltContent = only(salt);
  if (digest === undefined || saltContent?.tag !== tags.integer) return undefined;
  const saltBytes = contentOf(saltContent);
  if (saltBytes.length !== 1 || saltBytes[0] !== digest.salt) return undefined;
  const mask = only(maskGeneration);
  const [maskOid, maskDigest, ...maskMore] = mask?.tag === tags.sequence ? mask.children : [];
  if (maskOid?.tag !== tags.oid || formatOid(contentOf(maskOid)) !== oids.mgf1) return undefined;
  const maskName = pssDigests.get(readDigestOid(maskDigest) ?? '')?.name;
  return maskMore.length === 0 && maskName === digest.name ? digest.name : undefined;
}

function readDigestOid(value: DerValue | undefined): string | undefined {
  if (value?.tag !== tags.sequence) return undefined;
  const [oid, ...parameters] = value.children;
  if (oid?.tag !== tags.oid || !isNullOrAbsent(parameters)) return undefined;
  return formatOid(contentOf(oid));
}

function only(value: DerValue): DerValue | undefined {
  return value.children.length === 1 ? value.children[0] : undefined;
}

function isNullOrAbsent(parameters: readonly DerValue[]): boolean {
  const [first] = parameters;
  return first === undefined || (parameters.length === 1 && first.tag === tags.null);
}
