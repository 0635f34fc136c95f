import type { CertificateStore } from '../authority/certificate-store.js';
import { keyInUse } from '../authority/record-certificate.js';

/**
 * Refuses a key that belongs to somebody else, was compromised, or is the authority's own, before anything is signed.
 * The record refuses it again when the certificate is put there, so that two requests at once cannot share a key.
 */
export async function requireFreeKey(
  certificates: Pick<CertificateStore, 'findKey'>,
  request: { readonly spkiSha256: string; readonly holder: string; readonly kind: string },
): Promise<void> {
  const key = await certificates.findKey(request.spkiSha256);
  if (!key) return;
  if (key.isCompromised || key.holder !== request.holder || key.kind !== request.kind)
    throw keyInUse();
}
