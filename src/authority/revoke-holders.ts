import type { Kysely } from 'kysely';
import type { RevocationReason } from '../pki/revocation-reason.js';
import type { Schema } from '../storage/schema.js';
import { slicesOf } from '../storage/slices.js';
import type { CertificateKind } from './certificate-kinds.js';
import { outdateRevocationLists } from './revocation-list-store.js';

export interface RevokeHoldersOrder {
  readonly kind: CertificateKind;
  readonly holders: readonly string[];
  readonly reason: RevocationReason;
  /** Seconds UTC. */
  readonly now: number;
}

/**
 * Revokes every unexpired certificate of holders that are no more: whoever gets their name later must not share it with
 * them. How many there were; the revocation lists follow at once.
 */
export async function revokeHolders(
  trx: Kysely<Schema>,
  { kind, holders, reason, now }: RevokeHoldersOrder,
): Promise<number> {
  const holderOf = new Map<string, string>();
  let revoked = 0;
  for (const some of slicesOf(holders)) {
    const rows = await trx
      .updateTable('certificates')
      .set({ revoked_at: now, revocation_reason: reason })
      .where('kind', '=', kind)
      .where('holder', 'in', some)
      .where('not_after', '>=', now)
      .where('revoked_at', 'is', null)
      .returning(['authority_id', 'holder'])
      .execute();
    for (const { authority_id, holder } of rows) holderOf.set(authority_id, holder);
    revoked += rows.length;
  }
  for (const holder of new Set(holderOf.values())) await outdateRevocationLists(trx, holder);
  return revoked;
}
