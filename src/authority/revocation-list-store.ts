import type { Kysely, Selectable } from 'kysely';
import { sql } from 'kysely';
import type { Schema } from '../storage/schema.js';

/** A revocation list as it is served. Times in seconds UTC. */
export interface StoredRevocationList {
  readonly number: number;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly der: Uint8Array;
}

export interface RevocationListStore {
  /** The published list; undefined when something was revoked or a number was reserved since. */
  find(authorityId: string): Promise<StoredRevocationList | undefined>;
  /** A number for a new list, higher than every one before. What is read after this call belongs on that list. */
  reserveNumber(authorityId: string): Promise<number>;
  /** Publishes a list under its reserved number; false when it is outdated already. */
  publish(authorityId: string, list: StoredRevocationList): Promise<boolean>;
}

/** Marks a row as outdated: no list is from 1970. */
const outdated = 0;

/** The SQL of revocation lists: one row an authority, its number only ever goes up. */
export function makeRevocationListStore(db: Kysely<Schema>): RevocationListStore {
  return {
    find: async (authorityId) => {
      const row = await db
        .selectFrom('revocation_lists')
        .selectAll()
        .where('authority_id', '=', authorityId)
        .where('this_update', '>', outdated)
        .executeTakeFirst();
      return row && fromRow(row);
    },
    reserveNumber: async (authorityId) => {
      const { number } = await db
        .insertInto('revocation_lists')
        .values({ authority_id: authorityId, ...firstRow })
        .onConflict((conflict) => conflict.column('authority_id').doUpdateSet(nextNumber))
        .returning('number')
        .executeTakeFirstOrThrow();
      return number;
    },
    publish: async (authorityId, { number, thisUpdate, nextUpdate, der }) => {
      const result = await db
        .updateTable('revocation_lists')
        .set({
          this_update: thisUpdate,
          next_update: nextUpdate,
          der: Buffer.from(der).toString('base64'),
        })
        .where('authority_id', '=', authorityId)
        .where('number', '=', number)
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },
  };
}

/**
 * Outdates the lists of every authority by which a holder has a revoked certificate. In the transaction of the
 * revocation: whoever sees the one sees the other, and a list that is being built meanwhile cannot be published.
 */
export async function outdateRevocationLists(trx: Kysely<Schema>, holder: string): Promise<void> {
  await trx
    .insertInto('revocation_lists')
    .columns(['authority_id', 'number', 'this_update', 'next_update', 'der'])
    .expression((from) =>
      from
        .selectFrom('certificates')
        .select((value) => [
          'authority_id',
          value.lit(firstRow.number).as('number'),
          value.lit(firstRow.this_update).as('this_update'),
          value.lit(firstRow.next_update).as('next_update'),
          value.val(firstRow.der).as('der'),
        ])
        .distinct()
        .where('holder', '=', holder)
        .where('revoked_at', 'is not', null)
        // In one order for all, so that two revocations do not wait for each other in a circle.
        .orderBy('authority_id'),
    )
    .onConflict((conflict) => conflict.column('authority_id').doUpdateSet(nextNumber))
    .execute();
}

const firstRow = { number: 1, this_update: outdated, next_update: outdated, der: '' };

const nextNumber = {
  number: sql<number>`revocation_lists.number + 1`,
  this_update: outdated,
};

function fromRow(row: Selectable<Schema['revocation_lists']>): StoredRevocationList {
  return {
    number: row.number,
    thisUpdate: row.this_update,
    nextUpdate: row.next_update,
    der: Buffer.from(row.der, 'base64'),
  };
}
