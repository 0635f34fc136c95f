import { createPublicKey, generateKeyPair, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { Failure } from '../failure.js';
import { asBuffer } from './bytes.js';
import type { CertificateFacts } from './certificate-facts.js';
import { tags } from './der-content.js';
import { encodeDer, encodeOid, encodeSequence } from './der-writer.js';
import { asDer, type Der } from './der.js';
import { oids } from './object-identifiers.js';

/** The kinds of key that an authority made here may have. */
export type AuthorityKeyType = 'ec-p256' | 'ec-p384' | 'rsa-2048' | 'rsa-3072' | 'rsa-4096';

/** What signs for an authority: its AlgorithmIdentifier, its public key, and the signing itself. */
export interface Signer {
  readonly algorithm: Der;
  readonly publicKey: KeyObject;
  readonly spki: Der;
  sign(data: Uint8Array): Promise<Uint8Array> | Uint8Array;
}

const generate = promisify(generateKeyPair);

/** A new private key, made off the main thread. */
export async function generateKey(type: AuthorityKeyType): Promise<KeyObject> {
  switch (type) {
    case 'ec-p256':
      return (await generate('ec', { namedCurve: 'P-256' })).privateKey;
    case 'ec-p384':
      return (await generate('ec', { namedCurve: 'P-384' })).privateKey;
    case 'rsa-2048':
      return (await generate('rsa', { modulusLength: 2048 })).privateKey;
    case 'rsa-3072':
      return (await generate('rsa', { modulusLength: 3072 })).privateKey;
    case 'rsa-4096':
      return (await generate('rsa', { modulusLength: 4096 })).privateKey;
  }
}

/**
 * A signer for an RSA key of 2048 bits or more, or an EC key on P-256, P-384 or P-521; SHA-256, or the curve's own
 * digest (RFC 4055, RFC 5758). Throws Failure `key-unsupported` for any other key.
 */
export function makeSigner(privateKey: KeyObject): Signer {
  const publicKey = createPublicKey(privateKey);
  const spki = asDer(publicKey.export({ format: 'der', type: 'spki' }));
  const { algorithm, digest, isQuick } = methodOf(publicKey);
  return {
    algorithm,
    publicKey,
    spki,
    // RSA takes milliseconds: with a callback it leaves the main thread free. EC takes less than going elsewhere, but
    // for the digest of a long revocation list.
    sign: (data) =>
      isQuick && data.length <= shortBytes
        ? sign(digest, data, privateKey)
        : signElsewhere(data, privateKey, digest),
  };
}

/**
 * A signer of which the public key is known, and `wake` gives the private one at its first signature. Throws Failure
 * `key-unsupported` as makeSigner does.
 */
export function makeSleepingSigner(spki: Der, wake: () => Signer): Signer {
  const publicKey = createPublicKey({ key: asBuffer(spki), format: 'der', type: 'spki' });
  const { algorithm } = methodOf(publicKey);
  let awake: Signer | undefined;
  return {
    algorithm,
    publicKey,
    spki,
    sign: (data) => {
      awake ??= wake();
      return awake.sign(data);
    },
  };
}

/** Whether the signer's key is the one in the certificate. */
export function keyFits(signer: Signer, certificate: CertificateFacts): boolean {
  const key = createPublicKey({
    key: Buffer.from(certificate.spki),
    format: 'der',
    type: 'spki',
  });
  return key.equals(signer.publicKey);
}

function methodOf(key: KeyObject): {
  readonly algorithm: Der;
  readonly digest: string;
  readonly isQuick: boolean;
} {
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType === 'rsa' && (details?.modulusLength ?? 0) >= 2048) {
    const algorithm = encodeSequence(encodeOid(oids.sha256WithRSAEncryption), encodeDer(tags.null));
    return { algorithm, digest: 'sha256', isQuick: false };
  }
  const curve = ecAlgorithms.get(details?.namedCurve ?? '');
  if (key.asymmetricKeyType !== 'ec' || curve === undefined) {
    throw new Failure(
      'key-unsupported',
      'The authority key is not accepted: use RSA with at least 2048 bits, or EC on P-256, P-384 or P-521.',
    );
  }
  const algorithm = encodeSequence(encodeOid(curve.oid));
  return { algorithm, digest: curve.digest, isQuick: true };
}

const ecAlgorithms: ReadonlyMap<string, { oid: string; digest: string }> = new Map([
  ['prime256v1', { oid: oids.ecdsaWithSHA256, digest: 'sha256' }],
  ['secp384r1', { oid: oids.ecdsaWithSHA384, digest: 'sha384' }],
  ['secp521r1', { oid: oids.ecdsaWithSHA512, digest: 'sha512' }],
]);

const shortBytes = 64 * 1024;

function signElsewhere(data: Uint8Array, key: KeyObject, digest: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    sign(digest, data, key, (error, signature) => {
      if (error === null) resolve(signature);
      else reject(error);
    });
  });
}
