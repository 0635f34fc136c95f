import type { Der } from '../pki/der.js';
import { encodePem } from '../pki/pem.js';

/** The answer to enrolment and renewal: base64 of PEM in one line each, keys in the contract's order. */
export interface CertificateAnswer {
  /** The certificate followed by its issuers. */
  readonly crt: string;
  readonly clientCrt: string;
  /** The issuing authority followed by its issuers. */
  readonly caCrt: string;
}

/** Certificate and chain -> answer; the chain's part is made once, since it is the same for all. */
export function makeCertificateAnswer(chainPem: string): (certificate: Der) => CertificateAnswer {
  const caCrt = base64(chainPem);
  return (certificate) => {
    const pem = encodePem('CERTIFICATE', certificate);
    return { crt: base64(pem + chainPem), clientCrt: base64(pem), caCrt };
  };
}

function base64(text: string): string {
  return Buffer.from(text, 'latin1').toString('base64');
}
