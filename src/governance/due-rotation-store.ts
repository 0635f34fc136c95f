import type { Kysely, SelectQueryBuilder } from 'kysely';
import { lockRows } from '../storage/row-lock.js';
import type { Schema } from '../storage/schema.js';
import { accessOf } from './access-store.js';
import type { Access } from './access.js';
import { rotationOf } from './rotation-store.js';
import type { Rotation } from './rotation.js';

/** A request of which something has come due, and what. */
export interface DueRotation {
  readonly because: 'undecided' | 'unrevealed' | 'grace-over' | 'provisioning';
  readonly access: Access;
  readonly rotation: Rotation;
}

export interface DueRotationStore {
  /** Some of what is due at `now`, in seconds UTC. */
  list(now: number): Promise<DueRotation[]>;
  /** The certificates that were to be revoked later: none where somebody has taken them. */
  takeOld(id: string, trx: Kysely<Schema>): Promise<readonly string[]>;
}

/** A gateway makes credentials within seconds: what takes longer was left behind. */
const leftBehindSeconds = 60;
const atMost = 200;

/** The SQL of what comes due. */
export function makeDueRotationStore(db: Kysely<Schema>): DueRotationStore {
  return {
    list: async (now) => {
      const found = [
        ...(await dueFor(db, 'undecided', (query) =>
          query.where('state', '=', 'pending').where('lapses_at', '<=', now),
        )),
        ...(await dueFor(db, 'unrevealed', (query) =>
          query.where('credentials_state', '=', 'waiting').where('credentials_lapse_at', '<=', now),
        )),
        ...(await dueFor(db, 'grace-over', (query) => query.where('revoke_old_at', '<=', now))),
        ...(await dueFor(db, 'provisioning', (query) =>
          query
            .where('state', '=', 'provisioning')
            .where('decided_at', '<=', now - leftBehindSeconds),
        )),
      ];
      return found;
    },
    takeOld: async (id, trx) => {
      const query = trx
        .selectFrom('rotation_requests')
        .select('old_certificates')
        .where('id', '=', id)
        .where('revoke_old_at', 'is not', null);
      const row = await lockRows(trx, query).executeTakeFirst();
      await trx
        .updateTable('rotation_requests')
        .set({ revoke_old_at: null, old_certificates: null })
        .where('id', '=', id)
        .execute();
      // written by a reveal
      return row ? (JSON.parse(row.old_certificates ?? '[]') as string[]) : [];
    },
  };
}

type Requests = SelectQueryBuilder<Schema, 'rotation_requests', object>;

async function dueFor(
  db: Kysely<Schema>,
  because: DueRotation['because'],
  narrow: (query: Requests) => Requests,
): Promise<DueRotation[]> {
  const rows = await narrow(db.selectFrom('rotation_requests'))
    .selectAll('rotation_requests')
    .orderBy('id')
    .limit(atMost)
    .execute();
  if (rows.length === 0) return [];
  const accesses = await db
    .selectFrom('accesses')
    .selectAll()
    .where('id', 'in', [...new Set(rows.map((row) => row.access_id))])
    .execute();
  const byId = new Map(accesses.map((row) => [row.id, accessOf(row)]));
  return rows.flatMap((row) => {
    const access = byId.get(row.access_id);
    return access ? [{ because, access, rotation: rotationOf(row) }] : [];
  });
}
