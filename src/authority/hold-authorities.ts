import type { Kysely } from 'kysely';
import { lockRows } from '../storage/row-lock.js';
import type { Schema } from '../storage/schema.js';

/** Today every certificate, client and server alike, comes from the one authority of the gateway. */
export const gatewayPurpose = 'gateway';

/**
 * Holds the authorities until the transaction ends. Of two changes of the active one at once the second then sees what
 * the first made of it, and none of them can end with two active ones or none.
 */
export async function holdAuthorities(trx: Kysely<Schema>): Promise<void> {
  const rows = trx
    .selectFrom('authorities')
    .select('id')
    .where('purpose', '=', gatewayPurpose)
    .orderBy('id');
  await lockRows(trx, rows).execute();
}
