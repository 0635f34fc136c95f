import type { CertificateFacts } from '../pki/certificate-facts.js';
import type { AuthorityState } from '../storage/schema.js';
import type { RecordedAuthority } from './authority.js';
import { trustAnchor } from './authority.js';

/**
 * Those that relying parties should know: the active one, then the prepared, then the retiring ones, the newest first.
 * One that was revoked is not for anybody to trust.
 */
function publishedAuthorities<A extends RecordedAuthority>(authorities: readonly A[]): A[] {
  const order: readonly AuthorityState[] = ['active', 'prepared', 'retiring'];
  return order.flatMap((state) =>
    authorities
      .filter((authority) => authority.state === state && authority.revokedAt === null)
      .sort((one, other) => other.createdAt - one.createdAt),
  );
}

/** Their certificates and issuers, each once: the published bundle. */
export function publishedCertificates(
  authorities: readonly RecordedAuthority[],
): CertificateFacts[] {
  return eachOnce(
    publishedAuthorities(authorities).flatMap(({ certificate, chain }) => [certificate, ...chain]),
  );
}

/** Their roots alone, each once: what a client has to trust. */
export function publishedAnchors(authorities: readonly RecordedAuthority[]): CertificateFacts[] {
  return eachOnce(publishedAuthorities(authorities).map(trustAnchor));
}

/** The same certificates in their order, without repetition. */
export function eachOnce(certificates: readonly CertificateFacts[]): CertificateFacts[] {
  return [...new Map(certificates.map((one) => [one.sha256, one])).values()];
}

const leastRemainderSeconds = 86_400;

/**
 * Which authority the gateway's own server certificate comes from: the oldest that is active or retiring and can sign,
 * because clients that paired before the roll-over know no other; all that paired or renewed since know both. That
 * holds, too, when a roll-over was turned back and the newer one is retiring. `fileKeyId`: whose key is in a file.
 */
export function chooseServerIssuer<A extends RecordedAuthority>(
  authorities: readonly A[],
  { now, fileKeyId }: { readonly now: number; readonly fileKeyId: string | undefined },
): A | undefined {
  const published = publishedAuthorities(authorities);
  // Of the same second the retiring one is the older.
  const [oldest] = published
    .toReversed()
    .filter(
      ({ id, state, sealedKey, certificate }) =>
        state !== 'prepared' &&
        (sealedKey !== null || id === fileKeyId) &&
        certificate.notAfter - now > leastRemainderSeconds,
    )
    .sort((one, other) => one.createdAt - other.createdAt);
  return oldest ?? published.find(({ state }) => state === 'active');
}
