import type { Kysely, Selectable } from 'kysely';
import { sql } from 'kysely';
import { prepare } from '../storage/prepared.js';
import type { Placeholders } from '../storage/prepared.js';
import type { Database } from '../storage/database.js';
import type { Schema } from '../storage/schema.js';

/** A revocation list without its entries, which are on record anyway. Times in seconds UTC. */
export interface SignedRevocationList {
  readonly number: number;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** Of the list before it: certificates that expired since are still on this one (RFC 5280 3.3); 0 for the first. */
  readonly previousUpdate: number;
  readonly signature: Uint8Array;
}

/** How far the lists of an authority are. */
export interface RevocationListProgress {
  /** The number that a list must have to be the current one. */
  readonly number: number;
  /** The number under which a list was begun last, and when. */
  readonly begunNumber: number;
  readonly begunAt: number;
  /** The list that was signed last, current or not. */
  readonly signed: SignedRevocationList | undefined;
}

/** The SQL of revocation lists: one row an authority, its number only ever goes up. */
export interface RevocationListStore {
  /** A few numbers, never a whole list; undefined when there never was a list nor a revocation. */
  find(authorityId: string): Promise<RevocationListProgress | undefined>;
  /**
   * Takes a higher number for a new list: what is revoked from then on makes it higher yet. False, and nothing done,
   * when the number is not the one that was `seen` any more.
   */
  begin(
    authorityId: string,
    at: { readonly seen: number | undefined; readonly now: number },
  ): Promise<boolean>;
  /** Keeps a list; false when there is one of this number, or of a higher one. */
  publish(authorityId: string, list: SignedRevocationList): Promise<boolean>;
}

/** Makes the store of one database. */
export function makeRevocationListStore({
  db,
  transaction,
}: Pick<Database, 'db' | 'transaction'>): RevocationListStore {
  return {
    find: async (authorityId) => {
      const row = await findProgress.first(db, { authorityId });
      return row && fromRow(row);
    },
    begin: (authorityId, { seen, now }) =>
      transaction(async (trx) => {
        // By the clock where that is higher, so that numbers go up even after an old backup was restored.
        const number = Math.max((seen ?? 0) + 1, now);
        if (!(await countUp(trx, { authorityId, seen, number }))) return false;
        const begun = { begun_number: number, begun_at: now };
        await trx
          .insertInto('signed_revocation_lists')
          .values({ authority_id: authorityId, ...begun, ...noList })
          .onConflict((conflict) => conflict.column('authority_id').doUpdateSet(begun))
          .execute();
        return true;
      }),
    publish: async (authorityId, { number, ...list }) => {
      const result = await db
        .updateTable('signed_revocation_lists')
        .set({
          number,
          this_update: list.thisUpdate,
          next_update: list.nextUpdate,
          previous_update: list.previousUpdate,
          signature: Buffer.from(list.signature).toString('base64'),
        })
        .where('authority_id', '=', authorityId)
        .where('number', '<', number)
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },
  };
}

/**
 * Outdates the lists of every authority by which a holder has a revoked certificate. In the transaction of the
 * revocation: whoever sees the one sees the other, and a list that is being built meanwhile is outdated when it is done.
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

/** For the first release: there is no list in its columns. */
const noListOfFirstRelease = { this_update: 0, next_update: 0, der: '' };

const firstRow = { number: 1, ...noListOfFirstRelease };

const nextNumber = {
  number: sql<number>`revocation_lists.number + 1`,
  this_update: noListOfFirstRelease.this_update,
};

const noList = { number: 0, this_update: 0, next_update: 0, previous_update: 0, signature: '' };

/** Whether this call did it. */
async function countUp(
  trx: Kysely<Schema>,
  change: {
    readonly authorityId: string;
    readonly seen: number | undefined;
    readonly number: number;
  },
): Promise<boolean> {
  const { authorityId, seen, number } = change;
  if (seen === undefined) {
    const { numInsertedOrUpdatedRows } = await trx
      .insertInto('revocation_lists')
      .values({ authority_id: authorityId, ...noListOfFirstRelease, number })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return numInsertedOrUpdatedRows === 1n;
  }
  const { numUpdatedRows } = await trx
    .updateTable('revocation_lists')
    .set({ number, this_update: noListOfFirstRelease.this_update })
    .where('authority_id', '=', authorityId)
    .where('number', '=', seen)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

const zero = sql.lit(0);

const findProgress = prepare((db, p: Placeholders<{ authorityId: string }>) =>
  db
    .selectFrom('revocation_lists')
    .leftJoin(
      'signed_revocation_lists as signed',
      'signed.authority_id',
      'revocation_lists.authority_id',
    )
    .select(({ fn }) => [
      'revocation_lists.number as current',
      fn.coalesce('signed.begun_number', zero).as('begun_number'),
      fn.coalesce('signed.begun_at', zero).as('begun_at'),
      fn.coalesce('signed.number', zero).as('number'),
      fn.coalesce('signed.this_update', zero).as('this_update'),
      fn.coalesce('signed.next_update', zero).as('next_update'),
      fn.coalesce('signed.previous_update', zero).as('previous_update'),
      fn.coalesce('signed.signature', sql.lit('')).as('signature'),
    ])
    .where('revocation_lists.authority_id', '=', p('authorityId')),
);

type ProgressRow = Omit<Selectable<Schema['signed_revocation_lists']>, 'authority_id'> & {
  readonly current: number;
};

function fromRow(row: ProgressRow): RevocationListProgress {
  const { current: number, begun_number: begunNumber, begun_at: begunAt } = row;
  const signed = row.number === noList.number ? undefined : signedFrom(row);
  return { number, begunNumber, begunAt, signed };
}

function signedFrom(row: ProgressRow): SignedRevocationList {
  return {
    number: row.number,
    thisUpdate: row.this_update,
    nextUpdate: row.next_update,
    previousUpdate: row.previous_update,
    signature: Buffer.from(row.signature, 'base64'),
  };
}
