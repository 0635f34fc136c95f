import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.js';

/** A revocation list as it is served. Times in seconds UTC. */
export interface StoredRevocationList {
  readonly number: number;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly der: Uint8Array;
}

export interface RevocationListStore {
  find(authorityId: string): Promise<StoredRevocationList | undefined>;
  /** Puts the successor of list `list.number - 1` there; false when another replica was faster. */
  replace(authorityId: string, list: StoredRevocationList): Promise<boolean>;
}

/** The SQL of revocation lists: one row an authority, its number only ever goes up by one. */
export function makeRevocationListStore(db: Kysely<Schema>): RevocationListStore {
  return {
    find: async (authorityId) => {
      const row = await db
        .selectFrom('revocation_lists')
        .selectAll()
        .where('authority_id', '=', authorityId)
        .executeTakeFirst();
      if (!row) return undefined;
      return {
        number: row.number,
        thisUpdate: row.this_update,
        nextUpdate: row.next_update,
        der: Buffer.from(row.der, 'base64'),
      };
    },
    replace: async (authorityId, list) => {
      const values = {
        number: list.number,
        this_update: list.thisUpdate,
        next_update: list.nextUpdate,
        der: Buffer.from(list.der).toString('base64'),
      };
      if (list.number === 1) {
        const result = await db
          .insertInto('revocation_lists')
          .values({ authority_id: authorityId, ...values })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        return result.numInsertedOrUpdatedRows === 1n;
      }
      const result = await db
        .updateTable('revocation_lists')
        .set(values)
        .where('authority_id', '=', authorityId)
        .where('number', '=', list.number - 1)
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },
  };
}
