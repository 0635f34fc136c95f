import type { Signer } from './authority-key.js';
import { sameBytes } from './bytes.js';
import { readCertificateStructure } from './certificate-structure.js';
import { derOf } from './der-reader.js';
import type { Der, SerialNumber } from './der.js';
import { isSignature, readSignatureAlgorithm } from './signature-algorithm.js';

/**
 * Reads signed bytes again with the strict reader and holds every field against its order; verifies the signature
 * with the authority's public key. Throws Error that names the first field that differs.
 */
export function checkCertificate(input: {
  readonly der: Der;
  readonly toBeSigned: Uint8Array;
  readonly issuer: Der;
  readonly signer: Signer;
  readonly order: {
    readonly serial: SerialNumber;
    readonly subject: Der;
    readonly notBefore: number;
    readonly notAfter: number;
    readonly spki: Der;
  };
}): void {
  const { der, toBeSigned, issuer, signer, order } = input;
  const signed = readCertificateStructure(der);
  const claims: readonly (readonly [string, boolean])[] = [
    ['signed part', sameBytes(signed.toBeSigned, toBeSigned)],
    ['signature algorithm', sameBytes(derOf(signed.algorithm), signer.algorithm)],
    ['issuer', sameBytes(signed.issuer, issuer)],
    ['serial number', signed.serial === order.serial],
    ['notBefore', signed.notBefore === order.notBefore],
    ['notAfter', signed.notAfter === order.notAfter && order.notBefore <= order.notAfter],
    ['subject', sameBytes(signed.subject, order.subject)],
    ['public key', sameBytes(signed.spki, order.spki)],
    ['extensions', signed.extensions.length > 0],
  ];
  const wrong = claims.find(([, holds]) => !holds);
  if (wrong !== undefined) throw new Error(`the signed certificate differs in its ${wrong[0]}`);
  const algorithm = readSignatureAlgorithm(signed.algorithm);
  const { publicKey: key } = signer;
  const { signature } = signed;
  if ('refusal' in algorithm || !isSignature({ algorithm, key, data: toBeSigned, signature })) {
    throw new Error('the signature just made does not verify with the public key of the authority');
  }
}
