import { makeSleepingSigner } from '../pki/authority-key.js';
import type { Signer } from '../pki/authority-key.js';
import type { CertificateFacts } from '../pki/certificate-facts.js';
import { namesIssuer } from '../pki/ocsp-request.js';
import type { CertificateId } from '../pki/ocsp-request.js';
import type { MasterKey } from '../storage/master-key.js';
import { makeAuthority, readAuthority } from './authority.js';
import type { Authority } from './authority.js';
import type { AuthoritySet } from './authority-set.js';
import type { StoredAuthority } from './authority-store.js';
import type { ServedAuthorityStore } from './served-authority-store.js';
import { openFittingKey } from './stored-key.js';

/** An authority as relying parties see it, and the means to sign for them where its key is at hand. */
export interface ServedAuthority {
  readonly certificate: CertificateFacts;
  readonly signing: Authority | undefined;
}

/** Every authority about whose certificates relying parties may ask: the gateway's, and those of projects. */
export interface ServedAuthorities {
  find(id: string): Promise<ServedAuthority | undefined>;
  /** Those that can sign and that issued all of these certificates, as far as their identifiers say. */
  findIssuers(ids: readonly CertificateId[]): Promise<readonly Authority[]>;
}

const formOfId = /^[0-9a-f]{16}$/;

/**
 * Looks for the authorities of projects on record when they are asked for, so that nothing grows with their number and
 * every gateway knows them at once. One is served as long as its key is on record, be it retired or its project
 * deleted: certificates that it issued may be in use until they end. Its key is opened by its first signature; what was
 * signed before, here or by another gateway, needs none.
 */
export function makeServedAuthorities(edges: {
  readonly own: Pick<AuthoritySet, 'find' | 'signing'>;
  readonly store: ServedAuthorityStore;
  readonly masterKey: MasterKey;
}): ServedAuthorities {
  const { own, store, masterKey } = edges;
  const opened = new Map<string, ServedAuthority>();

  function open(stored: StoredAuthority): ServedAuthority {
    if (stored.sealedKey === null)
      return { certificate: readAuthority(stored).certificate, signing: undefined };
    const served = opened.get(stored.id) ?? openServed(stored, stored.sealedKey, masterKey);
    opened.set(stored.id, served);
    return served;
  }

  return {
    find: async (id) => {
      const known = own.find(id);
      if (known || !formOfId.test(id)) return known;
      const stored = await store.find(id);
      return stored && open(stored);
    },
    findIssuers: async (ids) => {
      const isIssuer = ({ issuer }: Authority): boolean =>
        ids.every((id) => namesIssuer(id, issuer.certificate));
      const issuers = own.signing().filter(isIssuer);
      const [first] = ids;
      if (issuers.length > 0 || first?.digest === undefined) return issuers;
      const { digest, issuerKeyHash: hash } = first;
      const stored = await store.findByKey({ digest, hash });
      return stored.flatMap((one) => open(one).signing ?? []).filter(isIssuer);
    },
  };
}

function openServed(
  stored: StoredAuthority,
  sealedKey: string,
  masterKey: MasterKey,
): ServedAuthority {
  const { id, certificate, chain } = readAuthority(stored);
  const wake = (): Signer => {
    const signer = openFittingKey({ sealedKey, id, certificate }, masterKey);
    if (signer) return signer;
    throw new Error(
      `the key of authority ${id} on record is damaged or does not fit its certificate: restore a backup`,
    );
  };
  const signer = makeSleepingSigner(certificate.spki, wake);
  return { certificate, signing: makeAuthority({ issuer: { certificate, signer }, chain }) };
}
