import { isSignedBy, readCertificate } from '../pki/certificate-facts.js';
import type { CertificateFacts } from '../pki/certificate-facts.js';
import { MalformedDer } from '../pki/der-reader.js';

/** Whether one of the authorities signed a certificate; for what cannot even be read, false. */
export function makeSignedHere(
  authorities: () => readonly CertificateFacts[],
): (der: Uint8Array) => boolean {
  return (der) => {
    try {
      const certificate = readCertificate(der);
      return authorities().some((issuer) => isSignedBy({ certificate, issuer }));
    } catch (error) {
      if (error instanceof MalformedDer) return false;
      throw error;
    }
  };
}
