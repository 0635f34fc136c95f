import { judgeSignature, readCertificate } from '../pki/certificate-facts.js';
import type { CertificateFacts } from '../pki/certificate-facts.js';
import { MalformedDer } from '../pki/der-reader.js';

/**
 * Whether one of the authorities signed a certificate, be it with SHA-1 as other software did in its name; for what
 * cannot even be read, false.
 */
export function makeSignedHere(
  authorities: () => readonly CertificateFacts[],
): (der: Uint8Array) => boolean {
  return (der) => {
    try {
      const certificate = readCertificate(der);
      return authorities().some((issuer) => judgeSignature({ certificate, issuer }) !== 'none');
    } catch (error) {
      if (error instanceof MalformedDer) return false;
      throw error;
    }
  };
}
