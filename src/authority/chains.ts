import { encodePem } from '../pki/pem.js';
import type { CertificateFacts } from '../pki/certificate-facts.js';
import type { AuthoritySet, KnownAuthority } from './authority-set.js';
import { eachOnce, publishedCertificates } from './published-authorities.js';

/** What goes to the holder of a certificate with it, PEM. */
export interface Chains {
  /** The authority that issued it, followed by its issuers. */
  readonly chainPem: string;
  /** The same, followed by the other authorities that are published now. */
  readonly bundlePem: string;
}

/** The chains for certificates of an authority, made once for each state of the authorities. */
export function makeChainsOf(
  authorities: Pick<AuthoritySet, 'list' | 'refresh'>,
): (authorityId: string) => Promise<Chains> {
  let made = new Map<string, Chains>();
  let madeFor: readonly KnownAuthority[] | undefined;

  function chainsOf(id: string): Chains | undefined {
    const known = authorities.list();
    if (madeFor !== known) made = new Map();
    madeFor = known;
    const authority = known.find((one) => one.id === id);
    const chains = made.get(id) ?? (authority && build(authority, known));
    if (chains) made.set(id, chains);
    return chains;
  }

  return async (id) => {
    const chains = chainsOf(id);
    if (chains) return chains;
    // Another gateway knew of a new authority first.
    await authorities.refresh();
    const now = chainsOf(id);
    if (!now) throw new Error(`authority ${id} is not on record`);
    return now;
  };
}

function build(authority: KnownAuthority, known: readonly KnownAuthority[]): Chains {
  const chain = [authority.certificate, ...authority.chain];
  return {
    chainPem: toPem(chain),
    bundlePem: toPem(eachOnce([...chain, ...publishedCertificates(known)])),
  };
}

/** PEM blocks one after the other. */
export function toPem(certificates: readonly CertificateFacts[]): string {
  return certificates.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
}
