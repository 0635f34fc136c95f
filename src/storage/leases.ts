import type { Kysely } from 'kysely';
import type { Clock } from '../edges.js';
import type { Schema } from './schema.js';

/** Who may do some periodic work, and until when. Times in seconds UTC. */
interface LeaseRow {
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
  take(lease: LeaseRow): Promise<boolean>;
  /** False where it ended, or belongs to another: the work has to stop. */
  renew(lease: LeaseRow): Promise<boolean>;
  /** Gives it back before its end; nothing happens where it belongs to another. */
  release(lease: Pick<LeaseRow, 'name' | 'holder'>): Promise<void>;
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
export function makeLease(edges: {
  readonly db: Kysely<Schema>;
  readonly name: string;
  readonly holder: string;
  readonly clock: Clock;
}): Lease {
  const { db, name, holder, clock } = edges;
  const store = makeLeaseStore(db);
  let until = 0;
  return {
    hold: async () => {
      const now = clock();
      if (until - now > renewedBelowSeconds) return true;
      const next = { name, holder, now, until: now + leaseSeconds };
      const isHeld = (until > now && (await store.renew(next))) || (await store.take(next));
      until = isHeld ? next.until : 0;
      return isHeld;
    },
    release: async () => {
      until = 0;
      await store.release({ name, holder });
    },
  };
}
