import type { Kysely } from 'kysely';
import { shareRows } from '../storage/row-lock.js';
import type { Schema } from '../storage/schema.js';
import type { CertificateRow } from './insert-certificate.js';

/** A certificate that was issued elsewhere, as it goes on record. */
export type AdoptedRow = Omit<
  CertificateRow,
  'predecessor' | 'line' | 'replay_key' | 'replay_until'
>;

/**
 * Holds an authority that is trusted; whether it is. Adoptions hold it together, and wait for denials and for whoever
 * changes the authority's state.
 */
export async function holdTrustedAuthority(trx: Kysely<Schema>, id: string): Promise<boolean> {
  const query = trx
    .selectFrom('authorities')
    .select('id')
    .where('id', '=', id)
    .where('state', 'in', ['active', 'retiring'])
    .where('revoked_at', 'is', null);
  return (await shareRows(trx, query).executeTakeFirst()) !== undefined;
}

/** Puts it on record as the first of its line; false where it is there already. */
export async function insertAdopted(trx: Kysely<Schema>, row: AdoptedRow): Promise<boolean> {
  const result = await trx
    .insertInto('certificates')
    .values({
      ...row,
      origin: 'adopted',
      predecessor: null,
      line: row.sha256,
      replay_key: null,
      replay_until: null,
      revoked_at: null,
      revocation_reason: null,
    })
    .onConflict((conflict) => conflict.column('sha256').doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}
