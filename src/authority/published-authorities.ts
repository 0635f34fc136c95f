import type { CertificateFacts } from '../pki/certificate-facts.js';
import type { AuthorityState } from '../storage/schema.js';
import type { RecordedAuthority } from './authority.js';
import { trustAnchor } from './authority.js';

/** An authority on record, and whether relying parties should know it now. */
export interface PublishableAuthority extends RecordedAuthority {
  readonly isPublished: boolean;
}

const order: readonly AuthorityState[] = ['active', 'prepared', 'retiring', 'retired'];

/** The active one, then the prepared, then the ones before, the newest first. */
function publishedAuthorities(authorities: readonly PublishableAuthority[]) {
  return order.flatMap((state) =>
    authorities
      .filter((authority) => authority.state === state && authority.isPublished)
      .sort((one, other) => other.createdAt - one.createdAt),
  );
}

/** Their certificates and issuers, each once: the published bundle. */
export function publishedCertificates(
  authorities: readonly PublishableAuthority[],
): CertificateFacts[] {
  return eachOnce(
    publishedAuthorities(authorities).flatMap(({ certificate, chain }) => [certificate, ...chain]),
  );
}

/** Their roots alone, each once: what a client has to trust. */
export function publishedAnchors(authorities: readonly PublishableAuthority[]): CertificateFacts[] {
  return eachOnce(publishedAuthorities(authorities).map(trustAnchor));
}

/** The same certificates in their order, without repetition. */
export function eachOnce(certificates: readonly CertificateFacts[]): CertificateFacts[] {
  return [...new Map(certificates.map((one) => [one.sha256, one])).values()];
}

const leastRemainderSeconds = 86_400;

/** Whether servers may still get a certificate of it that is worth having. */
export function canSignFor(
  { id, state, sealedKey, revokedAt, certificate }: RecordedAuthority,
  { now, fileKeyId }: { readonly now: number; readonly fileKeyId: string | undefined },
): boolean {
  return (
    (state === 'active' || state === 'retiring') &&
    revokedAt === null &&
    (sealedKey !== null || id === fileKeyId) &&
    certificate.notAfter - now > leastRemainderSeconds
  );
}

/**
 * Which authority the gateway's own server certificate comes from: the oldest that is active or retiring and can sign,
 * because clients that paired before the roll-over know no other; all that paired or renewed since know both. That
 * holds, too, when a roll-over was turned back and the newer one is retiring. `fileKeyId`: whose key is in a file.
 */
export function chooseServerIssuer<A extends RecordedAuthority>(
  authorities: readonly A[],
  { now, fileKeyId }: { readonly now: number; readonly fileKeyId: string | undefined },
): A | undefined {
  const active = authorities.find(({ state }) => state === 'active');
  const able = authorities.filter((authority) => canSignFor(authority, { now, fileKeyId }));
  // Of the same second the retiring one is the older.
  const [oldest] = able.sort(
    (one, other) =>
      one.createdAt - other.createdAt || Number(one === active) - Number(other === active),
  );
  return oldest ?? active;
}
