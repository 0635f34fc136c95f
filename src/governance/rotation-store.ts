import type { Kysely, Selectable } from 'kysely';
import type { Schema } from '../storage/schema.js';
import { transitionOf } from './rotation-policy.js';
import type { RotationStep } from './rotation-policy.js';
import type { RotatedCredentials, Rotation } from './rotation.js';

/** What a step leaves on record; times in seconds UTC. */
export interface StepFacts {
  readonly decidedBy?: string;
  readonly decidedAt?: number;
  readonly decision?: string | null;
  readonly failure?: string;
}

export interface RotationStore {
  find(
    name: { readonly accessId: string; readonly id: string },
    executor?: Kysely<Schema>,
  ): Promise<Rotation | undefined>;
  /** False where the access has an active request. */
  insert(rotation: Rotation, trx: Kysely<Schema>): Promise<boolean>;
  /** False where the request is in no state from which this step leads on. */
  take(
    order: { readonly id: string; readonly step: RotationStep; readonly facts?: StepFacts },
    trx: Kysely<Schema>,
  ): Promise<boolean>;
}

/** The SQL of requests and the states that they pass. */
export function makeRotationStore(db: Kysely<Schema>): RotationStore {
  return {
    find: async ({ accessId, id }, executor = db) => {
      const row = await executor
        .selectFrom('rotation_requests')
        .select(rotationColumns)
        .where('id', '=', id)
        .where('access_id', '=', accessId)
        .executeTakeFirst();
      return row && rotationOf(row);
    },
    insert: async (rotation, trx) => {
      const result = await trx
        .insertInto('rotation_requests')
        .values({
          id: rotation.id,
          access_id: rotation.accessId,
          requester_id: rotation.requesterId,
          message: rotation.message,
          revoke_old: rotation.revokeOld,
          state: rotation.state,
          created_at: rotation.createdAt,
          lapses_at: rotation.lapsesAt,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      return result.numInsertedOrUpdatedRows === 1n;
    },
    take: async ({ id, step, facts = {} }, trx) => {
      const { from, to } = transitionOf(step);
      const { decidedBy, decidedAt, decision, failure } = facts;
      const result = await trx
        .updateTable('rotation_requests')
        .set({ state: to })
        .$if(decidedBy !== undefined, (query) =>
          query.set({ decided_by: decidedBy, decided_at: decidedAt, decision }),
        )
        .$if(failure !== undefined, (query) => query.set({ failure }))
        .where('id', '=', id)
        .where('state', '=', from)
        .executeTakeFirstOrThrow();
      return result.numUpdatedRows === 1n;
    },
  };
}

/** What a request is read from: all but what is sealed in it. */
export const rotationColumns = [
  'id',
  'access_id',
  'requester_id',
  'message',
  'revoke_old',
  'state',
  'created_at',
  'lapses_at',
  'decided_by',
  'decided_at',
  'decision',
  'failure',
  'credentials_state',
  'credentials_lapse_at',
  'certificate_sha256',
  'revealed_at',
  'revoke_old_at',
] as const;

type RotationRow = Pick<Selectable<Schema['rotation_requests']>, (typeof rotationColumns)[number]>;

/** The request of a row. */
export function rotationOf(row: RotationRow): Rotation {
  return {
    id: row.id,
    accessId: row.access_id,
    requesterId: row.requester_id,
    message: row.message,
    revokeOld: row.revoke_old,
    state: row.state,
    createdAt: row.created_at,
    lapsesAt: row.lapses_at,
    decidedBy: row.decided_by,
    decidedAt: row.decided_at,
    decision: row.decision,
    failure: row.failure,
    credentials: credentialsOf(row),
  };
}

function credentialsOf(row: RotationRow): RotatedCredentials | undefined {
  const {
    credentials_state: state,
    credentials_lapse_at: lapseAt,
    certificate_sha256: certificateSha256,
    revealed_at: revealedAt,
    revoke_old_at: revokeOldAt,
  } = row;
  if (state === null || lapseAt === null || certificateSha256 === null) return undefined;
  return { state, lapseAt, certificateSha256, revealedAt, revokeOldAt };
}
