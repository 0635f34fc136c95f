import type { Profile } from '../pki/certificate-profile.js';
import { makeTemplate } from '../pki/certificate-template.js';
import type { CertificateTemplate } from '../pki/certificate-template.js';
import type { Authority } from './authority.js';
import type { CertificateOrder } from './issue-certificate.js';
import { pkiUrls } from './pki-urls.js';

/**
 * The templates of an authority. The one for clients is made once, since every renewal uses it; a server's holds its
 * hosts. Pointers to revocation list and OCSP go in only when the pki listener has a public URL, and never into the
 * certificate of the OCSP responder, which would have to vouch for itself (RFC 6960 4.2.2.2.1).
 */
export function makeTemplates(authority: Authority, pkiUrl: string | undefined) {
  const pointers = pkiUrl === undefined ? {} : pkiUrls(pkiUrl, authority.id);
  const client = makeTemplate({ profile: 'client', issuer: authority.issuer, pointers });
  return (profile: Profile, hosts: CertificateOrder['hosts']): CertificateTemplate => {
    if (profile === 'client') return client;
    return makeTemplate({
      profile,
      issuer: authority.issuer,
      pointers: profile === 'ocsp' ? {} : pointers,
      dnsNames: [...(hosts?.dnsNames ?? [])],
      ipAddresses: [...(hosts?.ipAddresses ?? [])],
    });
  };
}
