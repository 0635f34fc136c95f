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

/**
 * The templates of every authority. Those for clients and service users are made once, since every renewal uses them; a
 * server's holds its hosts. Pointers to revocation list and OCSP go in only when the pki listener has a public URL, and
 * never into the certificate of the OCSP responder, which would have to vouch for itself (RFC 6960 4.2.2.2.1).
 */
export function makeTemplates(pkiUrl: string | undefined): TemplateFor {
  const kept: Readonly<Partial<Record<Profile, WeakMap<Authority, CertificateTemplate>>>> = {
    client: new WeakMap(),
    'service-user': new WeakMap(),
  };
  return (authority, profile, hosts) => {
    const known = kept[profile]?.get(authority);
    if (known) return known;
    const hasPointers = pkiUrl !== undefined && profile !== 'ocsp';
    const template = makeTemplate({
      profile,
      issuer: authority.issuer,
      pointers: hasPointers ? pkiUrls(pkiUrl, authority.id) : {},
      dnsNames: [...(hosts?.dnsNames ?? [])],
      ipAddresses: [...(hosts?.ipAddresses ?? [])],
    });
    kept[profile]?.set(authority, template);
    return template;
  };
}
