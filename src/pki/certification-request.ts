import { hash } from 'node:crypto';
import { Failure } from '../failure.js';
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
import type { Der } from './der.js';
import { readNameValue, type Name } from './names.js';
import { readPublicKeyValue, type PublicKey } from './public-key.js';
import { readRequestedExtras } from './requested-extras.js';
import { isSignature, readSignatureAlgorithm } from './signature-algorithm.js';

/** A certification request whose sender has proved that it holds the private key. */
export interface CertificationRequest {
  readonly der: Der;
  readonly sha256: string;
  readonly subject: Name;
  readonly publicKey: PublicKey;
  /** Short names of what its attributes ask for, for the audit event; nothing of it is granted. */
  readonly ignored: readonly string[];
}

const maxBytes = 16 * 1024;

/**
 * Reads and judges a request (RFC 2986): strict DER, version 0, key rules, proof of possession. Throws Failure
 * `request-too-large`, `request-malformed`, `key-unsupported`, `key-weak` or `signature-invalid`.
 */
export function readRequest(der: Uint8Array): CertificationRequest {
  if (der.length > maxBytes) {
    throw new Failure(
      'request-too-large',
      `The certification request has ${der.length} bytes: send one of at most ${maxBytes}.`,
    );
  }
  try {
    return judge(readDer(der));
  } catch (error) {
    if (!(error instanceof MalformedDer)) throw error;
    throw new Failure('request-malformed', `Error while parsing CSR: ${error.message}.`, {
      cause: error,
      detail:
        'Send a PKCS#10 certification request in DER (RFC 2986), as made by `openssl req -new`.',
    });
  }
}

/** CertificationRequest ::= SEQUENCE {info, signatureAlgorithm, signature} (RFC 2986 4.2). */
function judge(request: DerValue): CertificationRequest {
  const [info, algorithm, signature, ...more] = expectSequence(request, 'the request');
  expectNoMore(more, 0, 'the request');
  const [version, subject, key, attributes, ...rest] = expectSequence(info, 'the request info');
  expectNoMore(rest, 0, 'the request info');
  const number = contentOf(expectTag(version, tags.integer, 'the version'));
  if (number.length !== 1 || number[0] !== 0) throw new MalformedDer('the version is not 0');
  const name = readNameValue(expectTag(subject, tags.sequence, 'the subject'));
  // Some clients leave the empty attributes out; nothing is read from them, so nothing is lost.
  const extras =
    attributes === undefined ? [] : expectTag(attributes, 0xa0, 'the attributes').children;
  const ignored = readRequestedExtras(extras);
  const publicKey = readPublicKeyValue(expectTag(key, tags.sequence, 'the public key'));
  const bits = expectWholeBits(signature, 'the signature');
  provePossession({ publicKey, algorithm, signed: info, signature: bits });
  const der = derOf(request);
  const sha256 = hash('sha256', der);
  return { der, sha256, subject: name, publicKey, ignored };
}

function provePossession(input: {
  readonly publicKey: PublicKey;
  readonly algorithm: DerValue | undefined;
  readonly signed: DerValue | undefined;
  readonly signature: Uint8Array;
}): void {
  const { key } = input.publicKey;
  const algorithm = readSignatureAlgorithm(
    expectTag(input.algorithm, tags.sequence, 'the signature algorithm'),
  );
  if ('refusal' in algorithm) throw invalid(algorithm.refusal);
  if (algorithm.keyType !== key.asymmetricKeyType) {
    throw invalid(`the signature algorithm does not fit the ${input.publicKey.type} key`);
  }
  const data = derOf(expectTag(input.signed, tags.sequence, 'the request info'));
  if (!isSignature({ algorithm, key, data, signature: input.signature })) {
    throw invalid('it does not match, sign the request with the private key of its public key');
  }
}

function invalid(why: string): Failure {
  return new Failure('signature-invalid', `CSR signature invalid: ${why}.`);
}
