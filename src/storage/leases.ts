import type { Kysely } from 'kysely';
import type { Clock } from '../edges.js';
import type { Schema } from './schema.js';

/** Keeps periodic work to one gateway at a time. What must not happen twice is guarded by its own rows besides. */
export interface Lease {
  /** Takes the lease or goes on holding it; false where another gateway has it. */
  hold(): Promise<boolean>;
  /** Gives it back, so that nobody has to wait for its end. */
  release(): Promise<void>;
}

const leaseSeconds = 30;
const renewedBelowSeconds = 20;

/** A lease that ends half a minute after its holder was heard of last, be it dead or cut off. */
export function makeLease({
  db,
  name,
  holder,
  clock,
}: {
  readonly db: Kysely<Schema>;
  readonly name: string;
  /** Names this process among all. */
  readonly holder: string;
  readonly clock: Clock;
}): Lease {
  let until = 0;
  return {
    hold: async () => {
      const now = clock();
      if (until - now > renewedBelowSeconds) return true;
      const next = now + leaseSeconds;
      const result = await db
        .insertInto('leases')
        .values({ name, holder, until: next })
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet({ holder, until: next })
            .where((where) =>
              where.or([where('leases.until', '<=', now), where('leases.holder', '=', holder)]),
            ),
        )
        .executeTakeFirst();
      const isHeld = result.numInsertedOrUpdatedRows === 1n;
      until = isHeld ? next : 0;
      return isHeld;
    },
    release: async () => {
      until = 0;
      await db.deleteFrom('leases').where('name', '=', name).where('holder', '=', holder).execute();
    },
  };
}
