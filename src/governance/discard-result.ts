import type { Kysely } from 'kysely';
import { outdateRevocationLists } from '../authority/revocation-list-store.js';
import { markRevoked } from '../authority/revocation-store.js';
import { holderOfServiceUser } from '../credentials/service-user.js';
import type { Schema } from '../storage/schema.js';
import type { Access } from './access.js';
import { resultStore } from './result-store.js';
import type { WaitingResult } from './result-store.js';

/**
 * Erases credentials that nobody has seen, and revokes their certificate; what is in use stays. False where they are
 * revealed or erased already. `now` in seconds UTC.
 */
export async function discardResult(
  {
    access,
    result,
    now,
  }: {
    readonly access: Access;
    readonly result: Pick<WaitingResult, 'id' | 'certificateSha256'>;
    readonly now: number;
  },
  trx: Kysely<Schema>,
): Promise<boolean> {
  if (!(await resultStore.lapse(result.id, trx))) return false;
  await revokeAll({ access, certificates: [result.certificateSha256], now }, trx);
  return true;
}

/** Revokes certificates of an access's user as superseded. Gives those that were not revoked before. */
export async function revokeAll(
  {
    access,
    certificates,
    now,
  }: { readonly access: Access; readonly certificates: readonly string[]; readonly now: number },
  trx: Kysely<Schema>,
): Promise<string[]> {
  const revoked: string[] = [];
  for (const sha256 of certificates)
    if (await markRevoked(trx, { sha256, reason: 'superseded', now })) revoked.push(sha256);
  if (revoked.length > 0) await outdateRevocationLists(trx, holderOfServiceUser(access.user));
  return revoked;
}
