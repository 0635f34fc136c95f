import { createPublicKey, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { asBuffer } from './bytes.js';
import type { CertificateFacts } from './certificate-facts.js';

const signElsewhere = promisify<string, Uint8Array, KeyObject, Buffer>(sign);
const probe = Buffer.from('does this key fit the certificate?');

/**
 * Whether an RSA or EC key belongs to the certificate, by a signature that the certificate's key verifies: an EC key
 * carries a public half that nobody has compared with the private one. False for other kinds and for a
 * damaged private key.
 */
export async function isMatchingKey(
  key: KeyObject,
  certificate: Pick<CertificateFacts, 'spki'>,
): Promise<boolean> {
  const spki = createPublicKey({ key: asBuffer(certificate.spki), format: 'der', type: 'spki' });
  const signature = await signElsewhere('sha256', probe, key).catch(() => undefined);
  return signature !== undefined && verify('sha256', probe, spki, signature);
}
