import type { Der } from '../pki/der.js';
import { encodePem } from '../pki/pem.js';

/** The answer to enrolment and renewal: base64 of PEM in one line each, keys in the contract's order. */
export interface CertificateAnswer {
  /** The certificate followed by its issuers. */
  readonly crt: string;
  readonly clientCrt: string;
  /** The issuing authority followed by its issuers; during a roll-over also the others that are published. */
  readonly caCrt: string;
}

/** What an answer needs to know of the authorities. */
export interface AnswerChains {
  /** The authority followed by its issuers. */
  readonly chainPem: string;
  /** The same, followed by the other authorities that are published now. */
  readonly bundlePem: string;
}

/**
 * Certificate -> answer, with the chain of the authority that issued it. The part that is the same for all is made once
 * for each state of the authorities.
 */
export function makeCertificateAnswer(
  chainsOf: (authorityId: string) => Promise<AnswerChains>,
): (issued: { readonly der: Der; readonly authorityId: string }) => Promise<CertificateAnswer> {
  const encoded = new WeakMap<AnswerChains, string>();
  return async ({ der, authorityId }) => {
    const chains = await chainsOf(authorityId);
    const caCrt = encoded.get(chains) ?? base64(chains.bundlePem);
    encoded.set(chains, caCrt);
    const pem = encodePem('CERTIFICATE', der);
    return { crt: base64(pem + chains.chainPem), clientCrt: base64(pem), caCrt };
  };
}

function base64(text: string): string {
  return Buffer.from(text, 'latin1').toString('base64');
}
