import type { Kysely } from 'kysely';
import { lockRows } from '../storage/row-lock.js';
import type { Schema } from '../storage/schema.js';
import { holderOfServiceUser } from './service-user.js';
import type { CurrentPair, ServiceUser } from './service-user.js';

/** A certificate that its user had before the present one and that has not ended. */
export interface OldCertificate {
  readonly sha256: string;
  readonly spkiSha256: string;
  readonly notAfter: number;
  readonly isRevoked: boolean;
}

type UserWithPair = ServiceUser & { readonly pair: CurrentPair };

/** Holds a user until the transaction ends; false where pair or owner is not the one any more that was read. */
export async function holdPair(
  { id, pair, accessId }: UserWithPair,
  trx: Kysely<Schema>,
): Promise<boolean> {
  const query = trx
    .selectFrom('service_users')
    .select('id')
    .where('id', '=', id)
    .where('access_id', accessId === null ? 'is' : '=', accessId)
    .where('certificate_sha256', '=', pair.sha256);
  return (await lockRows(trx, query).executeTakeFirst()) !== undefined;
}

/** The certificates of a user beside the present one that are unexpired at `now`, in seconds; the oldest first. */
export async function listOldCertificates(
  user: UserWithPair,
  now: number,
  trx: Kysely<Schema>,
): Promise<OldCertificate[]> {
  const rows = await trx
    .selectFrom('certificates')
    .select(['sha256', 'spki_sha256', 'not_after', 'revoked_at'])
    .where('holder', '=', holderOfServiceUser(user))
    .where('kind', '=', 'service-user')
    .where('sha256', '!=', user.pair.sha256)
    .where('not_after', '>=', now)
    // Those of another user who had this name before were revoked when that one was deleted.
    .where('issued_at', '>=', user.createdAt)
    .orderBy('issued_at')
    .orderBy('sha256')
    .execute();
  return rows.map((row) => ({
    sha256: row.sha256,
    spkiSha256: row.spki_sha256,
    notAfter: row.not_after,
    isRevoked: row.revoked_at !== null,
  }));
}
