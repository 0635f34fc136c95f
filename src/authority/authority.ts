import { readCertificate } from '../pki/certificate-facts.js';
import type { CertificateFacts } from '../pki/certificate-facts.js';
import type { Issuer } from '../pki/certificate-template.js';
import { encodePem } from '../pki/pem.js';
import type { StoredAuthority } from './authority-store.js';

/** An authority that is ready to sign. */
export interface Authority {
  /** First 16 hex digits of its certificate's SHA-256; names it in URLs. */
  readonly id: string;
  readonly issuer: Issuer;
  /** Its issuers up to the root; empty for a root. */
  readonly chain: readonly CertificateFacts[];
  /** Its own certificate followed by its chain. */
  readonly chainPem: string;
}

/** Puts an authority together from its certificate, chain and key. */
export function makeAuthority(input: {
  issuer: Issuer;
  chain: readonly CertificateFacts[];
}): Authority {
  const { issuer, chain } = input;
  const pems = [issuer.certificate, ...chain].map(({ der }) => encodePem('CERTIFICATE', der));
  return { id: authorityId(issuer.certificate), issuer, chain, chainPem: pems.join('') };
}

/** An authority on record with its certificates read; whether it can sign is another question. */
export interface RecordedAuthority extends Omit<StoredAuthority, 'certificate' | 'chain'> {
  readonly certificate: CertificateFacts;
  readonly chain: readonly CertificateFacts[];
}

/** Reads the certificates of an authority on record. */
export function readAuthority(stored: StoredAuthority): RecordedAuthority {
  const read = (der: string): CertificateFacts => readCertificate(Buffer.from(der, 'base64'));
  return { ...stored, certificate: read(stored.certificate), chain: stored.chain.map(read) };
}

/** The name of an authority in URLs and in the record. */
export function authorityId(certificate: CertificateFacts): string {
  return certificate.sha256.slice(0, 16);
}

/** The certificate to trust: the root where the chain is known, else the authority's own. */
export function trustAnchor(authority: Authority | RecordedAuthority): CertificateFacts {
  const own = 'issuer' in authority ? authority.issuer.certificate : authority.certificate;
  return authority.chain.at(-1) ?? own;
}
