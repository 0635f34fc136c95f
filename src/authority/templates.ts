import type { Profile } from '../pki/certificate-profile.js';
import { makeTemplate } from '../pki/certificate-template.js';
import type { CertificateTemplate } from '../pki/certificate-template.js';
import type { Authority } from './authority.js';
import { pkiUrls } from './pki-urls.js';

/** The template of a kind of certificate by an authority. */
export type TemplateFor = (
  authority: Authority,
  profile: Profile,
  hosts: ServerHosts | undefined,
) => CertificateTemplate;

interface ServerHosts {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

const unpointed: readonly Profile[] = ['ocsp', 'service-user', 'service'];

/**
 * The templates of every authority. The one for clients is made once, since every renewal uses it; a server's holds its
 * hosts. Pointers to revocation list and OCSP go in only when the pki listener has a public URL, and never into the
 * certificate of the OCSP responder, which would have to vouch for itself (RFC 6960 4.2.2.2.1). Services and their users
 * have none either: the pki listener serves the gateway's own authorities alone, and a pointer that leads nowhere stops
 * clients.
 */
export function makeTemplates(pkiUrl: string | undefined): TemplateFor {
  const clients = new WeakMap<Authority, CertificateTemplate>();
  return (authority, profile, hosts) => {
    const known = profile === 'client' ? clients.get(authority) : undefined;
    if (known) return known;
    const hasPointers = pkiUrl !== undefined && !unpointed.includes(profile);
    const template = makeTemplate({
      profile,
      issuer: authority.issuer,
      pointers: hasPointers ? pkiUrls(pkiUrl, authority.id) : {},
      dnsNames: [...(hosts?.dnsNames ?? [])],
      ipAddresses: [...(hosts?.ipAddresses ?? [])],
    });
    if (profile === 'client') clients.set(authority, template);
    return template;
  };
}
