import { createHash } from 'node:crypto';
import type { Issuer } from './certificate-template.js';
import { tags } from './der-content.js';
import { expectSequence, expectWholeBits, readDer } from './der-reader.js';
import { encodeBitString, encodeDer, encodeOid, encodeSequence } from './der-writer.js';
import type { Der } from './der.js';
import { oids } from './object-identifiers.js';
import { revocationReasons, type RevocationReason } from './revocation-reason.js';
import { isSignature, readSignatureAlgorithm } from './signature-algorithm.js';

/** OCSPResponseStatus besides `successful` (RFC 6960 4.2.1); requests need no signature here. */
const errorCodes = { malformedRequest: 1, internalError: 2, tryLater: 3, unauthorized: 6 } as const;

/** Why there is no answer about a certificate. */
export type OcspError = keyof typeof errorCodes;

/** What is known of one certificate (RFC 6960 2.2); the time in seconds UTC. */
export type CertificateStatus =
  | { readonly state: 'good' }
  | {
      readonly state: 'revoked';
      readonly revokedAt: number;
      readonly reason: RevocationReason;
    }
  | { readonly state: 'unknown' };

/** The status of the certificate whose CertID stands in the request. */
export interface SingleAnswer {
  readonly certificateId: Der;
  readonly status: CertificateStatus;
}

/** An unsigned answer that says why there is no other (RFC 6960 2.3). */
export function encodeOcspError(error: OcspError): Der {
  return encodeSequence(encodeDer(tags.enumerated, Uint8Array.of(errorCodes[error])));
}

/**
 * A signed answer (RFC 6960 4.2.1) that carries the responder's certificate and echoes the nonce; produced at
 * `thisUpdate`. Times in seconds UTC. Throws Error where the signature does not verify.
 */
export async function buildOcspResponse(input: {
  readonly responder: Issuer;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly answers: readonly SingleAnswer[];
  readonly nonce: Uint8Array | undefined;
}): Promise<Der> {
  const { signer, certificate } = input.responder;
  const times = {
    thisUpdate: encodeTime(input.thisUpdate),
    nextUpdate: encodeTime(input.nextUpdate),
  };
  const toBeSigned = encodeSequence(
    encodeDer(0xa2, encodeDer(tags.octetString, keyHash(signer.spki))),
    times.thisUpdate,
    encodeSequence(...input.answers.map((answer) => encodeSingleAnswer(answer, times))),
    ...(input.nonce === undefined ? [] : [encodeNonce(input.nonce)]),
  );
  const signature = await signer.sign(toBeSigned);
  const algorithm = readSignatureAlgorithm(readDer(signer.algorithm));
  const { publicKey: key } = signer;
  if ('refusal' in algorithm || !isSignature({ algorithm, key, data: toBeSigned, signature })) {
    throw new Error('the signature of the OCSP answer does not verify');
  }
  const basic = encodeSequence(
    toBeSigned,
    signer.algorithm,
    encodeBitString(signature),
    encodeDer(0xa0, encodeSequence(certificate.der)),
  );
  return encodeSequence(
    encodeDer(tags.enumerated, Uint8Array.of(0)),
    encodeDer(0xa0, encodeSequence(encodeOid(oids.ocspBasic), encodeDer(tags.octetString, basic))),
  );
}

function encodeSingleAnswer(
  { certificateId, status }: SingleAnswer,
  { thisUpdate, nextUpdate }: { readonly thisUpdate: Der; readonly nextUpdate: Der },
): Der {
  return encodeSequence(
    certificateId,
    encodeStatus(status),
    thisUpdate,
    encodeDer(0xa0, nextUpdate),
  );
}

function encodeStatus(status: CertificateStatus): Der {
  switch (status.state) {
    case 'good':
      return encodeDer(0x80);
    case 'revoked':
      return encodeDer(0xa1, encodeTime(status.revokedAt), ...encodeReason(status.reason));
    case 'unknown':
      return encodeDer(0x82);
  }
}

/** Nothing for `unspecified`, as in the revocation list (RFC 5280 5.3.1). */
function encodeReason(reason: RevocationReason): Der[] {
  const code = revocationReasons[reason];
  if (code === revocationReasons.unspecified) return [];
  return [encodeDer(0xa0, encodeDer(tags.enumerated, Uint8Array.of(code)))];
}

function encodeNonce(nonce: Uint8Array): Der {
  const value = encodeDer(tags.octetString, encodeDer(tags.octetString, nonce));
  return encodeDer(0xa1, encodeSequence(encodeSequence(encodeOid(oids.ocspNonce), value)));
}

/** SHA-1 over the public key's bits names the responder (RFC 6960 4.2.1): a label, no safeguard. */
function keyHash(spki: Der): Uint8Array {
  const [, bits] = expectSequence(readDer(spki), 'the public key');
  return createHash('sha1').update(expectWholeBits(bits, 'the public key')).digest();
}

/** GeneralizedTime whatever the year (RFC 6960 4.2.2.1); seconds UTC. */
function encodeTime(seconds: number): Der {
  const digits = new Date(seconds * 1000).toISOString().replace(/\D/g, '').slice(0, 14);
  return encodeDer(tags.generalizedTime, Buffer.from(`${digits}Z`, 'latin1'));
}
