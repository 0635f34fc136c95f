import type { Kysely } from 'kysely';
import type { Schema } from './schema.js';

/** Who may do some periodic work, and until when. Times in seconds UTC. */
export interface Lease {
  /** Of the work. */
  readonly name: string;
  /** Drawn at random by each process, so that a restarted one is another holder. */
  readonly holder: string;
  readonly now: number;
  readonly until: number;
}

/** One holder at a time among all gateways of a database; a holder that dies loses its lease when it ends. */
export interface LeaseStore {
  /** False while anybody has it, this holder included. */
  take(lease: Lease): Promise<boolean>;
  /** False where it ended, or belongs to another: the work has to stop. */
  renew(lease: Lease): Promise<boolean>;
  /** Gives it back before its end; nothing happens where it belongs to another. */
  release(lease: Pick<Lease, 'name' | 'holder'>): Promise<void>;
}

/** The SQL of leases. */
export function makeLeaseStore(db: Kysely<Schema>): LeaseStore {
  return {
    take: async ({ name, holder, now, until }) => {
      const result = await db
        .insertInto('leases')
        .values({ name, holder, until })
        .onConflict((conflict) =>
          conflict.column('name').doUpdateSet({ holder, until }).where('leases.until', '<=', now),
        )
        .executeTakeFirstOrThrow();
      return result.numInsertedOrUpdatedRows === 1n;
    },
    renew: async ({ name, holder, now, until }) => {
      const result = await db
        .updateTable('leases')
        .set({ until })
        .where('name', '=', name)
        .where('holder', '=', holder)
        .where('until', '>', now)
        .executeTakeFirstOrThrow();
      return result.numUpdatedRows === 1n;
    },
    release: async ({ name, holder }) => {
      await db.deleteFrom('leases').where('name', '=', name).where('holder', '=', holder).execute();
    },
  };
}
