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

/** Why something may come due, in the order in which it is seen to. */
export const dueReasons = ['undecided', 'unrevealed', 'grace-over', 'provisioning'] as const;

interface DuePage {
  readonly because: DueRotation['because'];
  /** Seconds UTC. */
  readonly now: number;
  /** Id of the last request of the page before. */
  readonly after: string;
}

export interface DueRotationStore {
  /** The next of what is due for one reason, by id; none at the end. */
  list(page: DuePage): Promise<DueRotation[]>;
  /** Whether anything is due at `now`, in seconds UTC. */
  isAny(now: number): Promise<boolean>;
  /** The certificates that were to be revoked later: none where somebody has taken them. */
  takeOld(id: string, trx: Kysely<Schema>): Promise<readonly string[]>;
}

/** A gateway makes credentials within seconds: what takes longer was left behind. */
const leftBehindSeconds = 60;
const atMost = 200;

/** The SQL of what comes due. */
export function makeDueRotationStore(db: Kysely<Schema>): DueRotationStore {
  return {
    list: ({ because, now, after }) => listDue(db, { because, now, after }),
    isAny: async (now) => {
      for (const because of dueReasons) {
        const query = dueAt(db, because, now).select('id').limit(1);
        if (await query.executeTakeFirst()) return true;
      }
      return false;
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

function dueAt(db: Kysely<Schema>, because: DueRotation['because'], now: number): Requests {
  const requests = db.selectFrom('rotation_requests');
  switch (because) {
    case 'undecided':
      return requests.where('state', '=', 'pending').where('lapses_at', '<=', now);
    case 'unrevealed':
      return requests
        .where('credentials_state', '=', 'waiting')
        .where('credentials_lapse_at', '<=', now);
    case 'grace-over':
      return requests.where('revoke_old_at', '<=', now);
    case 'provisioning':
      return requests
        .where('state', '=', 'provisioning')
        .where('decided_at', '<=', now - leftBehindSeconds);
  }
}

async function listDue(
  db: Kysely<Schema>,
  { because, now, after }: DuePage,
): Promise<DueRotation[]> {
  const rows = await dueAt(db, because, now)
    .selectAll('rotation_requests')
    .where('id', '>', after)
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
