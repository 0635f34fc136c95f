import type { Kysely } from 'kysely';
import { lockRows, shareRows } from '../storage/row-lock.js';
import type { Schema } from '../storage/schema.js';

/** A certificate that was issued elsewhere, as it goes on record. DER in base64, times in seconds UTC. */
export interface AdoptedRow {
  readonly sha256: string;
  readonly authority_id: string;
  readonly serial: string;
  readonly kind: string;
  readonly holder: string;
  readonly subject: string;
  readonly spki_sha256: string;
  readonly not_before: number;
  readonly not_after: number;
  readonly der: string;
  readonly issued_at: number;
}

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

/** Lets no certificate be adopted until the transaction ends. */
export async function holdAdoptions(trx: Kysely<Schema>): Promise<void> {
  await lockRows(trx, trx.selectFrom('authorities').select('id').orderBy('id')).execute();
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
