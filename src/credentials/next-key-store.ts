import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.js';
import { nextKeyColumns } from './service-user-row.js';
import { holderOfServiceUser } from './service-user.js';
import type { NextKey, ServiceUser } from './service-user.js';

/** Puts another key, or none, in the place of the one that was read; false where that, or the owner, is another meanwhile. */
export async function replaceNextKey(
  trx: Kysely<Schema>,
  { user, to }: { readonly user: ServiceUser; readonly to: NextKey | undefined },
): Promise<boolean> {
  const { id, nextKey, accessId } = user;
  const result = await trx
    .updateTable('service_users')
    .set(nextKeyColumns(to))
    .where('id', '=', id)
    .where('access_id', accessId === null ? 'is' : '=', accessId)
    .where('next_key', nextKey ? '=' : 'is', nextKey?.spki ?? null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Whether a user of this name ever had a certificate for the key. */
export async function isCertified(
  trx: Kysely<Schema>,
  { user, spkiSha256 }: { readonly user: ServiceUser; readonly spkiSha256: string },
): Promise<boolean> {
  const row = await trx
    .selectFrom('certificates')
    .select('sha256')
    .where('holder', '=', holderOfServiceUser(user))
    .where('kind', '=', 'service-user')
    .where('spki_sha256', '=', spkiSha256)
    .executeTakeFirst();
  return row !== undefined;
}
