import type { CertificateFacts } from '../pki/certificate-facts.js';
import { formatName, readName } from '../pki/names.js';

/** A CA certificate in words for a page. Times in seconds UTC. */
export interface CaFacts {
  readonly name: string;
  readonly sha256: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Who it is, until when, and what tells it from another one. */
export function caFacts({ subject, sha256, notBefore, notAfter }: CertificateFacts): CaFacts {
  return { name: formatName(readName(subject)), sha256, notBefore, notAfter };
}
