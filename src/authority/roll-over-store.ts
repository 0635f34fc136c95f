import type { Kysely } from 'kysely';
import type { RevocationReason } from '../pki/revocation-reason.js';
import type { AuthorityState, Schema } from '../storage/schema.js';
import { keyNames } from './authority-store.js';
import type { NewAuthority } from './authority-store.js';
import { gatewayPurpose, holdAuthorities } from './hold-authorities.js';
import { statesBefore } from './roll-over-policy.js';

/** The changes of a roll-over. Each is conditional and says whether this call made it. Times in seconds UTC. */
export interface RollOverStore {
  /** False where one is prepared already. */
  insertPrepared(authority: NewAuthority, trx: Kysely<Schema>): Promise<boolean>;
  activate(id: string, now: number, trx: Kysely<Schema>): Promise<boolean>;
  retire(id: string, now: number, trx: Kysely<Schema>): Promise<boolean>;
  /** Sets or clears the date of the next step of an authority that is still in `state`. */
  schedule(
    order: { readonly id: string; readonly state: AuthorityState; readonly at: number | null },
    trx: Kysely<Schema>,
  ): Promise<boolean>;
  /** Asks all who hold its certificates to renew. */
  hint(id: string, now: number, trx: Kysely<Schema>): Promise<boolean>;
  /** Only one that is not active: something must be able to sign. */
  revoke(
    order: { readonly id: string; readonly reason: RevocationReason; readonly now: number },
    trx: Kysely<Schema>,
  ): Promise<boolean>;
}

/** The SQL of roll-overs of one purpose: the gateway's, or a project's. */
export function makeRollOverStore(purpose = gatewayPurpose): RollOverStore {
  return {
    insertPrepared: (authority, trx) => insertPrepared(authority, purpose, trx),
    activate: async (id, now, trx) => {
      await holdAuthorities(trx, purpose);
      await trx
        .updateTable('authorities')
        .set({ state: 'retiring', state_since: now, next_step_at: null })
        .where('purpose', '=', purpose)
        .where('state', '=', 'active')
        .where('id', '!=', id)
        .execute();
      return changed(
        trx
          .updateTable('authorities')
          .set({ state: 'active', state_since: now, next_step_at: null })
          .where('id', '=', id)
          .where('purpose', '=', purpose)
          .where('state', 'in', statesBefore('activate'))
          .where('revoked_at', 'is', null),
      );
    },
    retire: (id, now, trx) =>
      changed(
        trx
          .updateTable('authorities')
          .set({ state: 'retired', state_since: now, next_step_at: null })
          .where('id', '=', id)
          .where('purpose', '=', purpose)
          .where('state', 'in', statesBefore('retire')),
      ),
    schedule: ({ id, state, at }, trx) =>
      changed(
        trx
          .updateTable('authorities')
          .set({ next_step_at: at })
          .where('id', '=', id)
          .where('purpose', '=', purpose)
          .where('state', '=', state),
      ),
    hint: (id, now, trx) =>
      changed(
        trx
          .updateTable('authorities')
          .set({ hinted_at: now })
          .where('id', '=', id)
          .where('purpose', '=', purpose),
      ),
    revoke: ({ id, reason, now }, trx) =>
      changed(
        trx
          .updateTable('authorities')
          .set({ revoked_at: now, revocation_reason: reason, hinted_at: now })
          .where('id', '=', id)
          .where('purpose', '=', purpose)
          .where('state', '!=', 'active')
          .where('revoked_at', 'is', null),
      ),
  };
}

async function changed(update: {
  executeTakeFirst(): Promise<{ readonly numUpdatedRows: bigint }>;
}): Promise<boolean> {
  return (await update.executeTakeFirst()).numUpdatedRows === 1n;
}

async function insertPrepared(
  authority: NewAuthority,
  purpose: string,
  trx: Kysely<Schema>,
): Promise<boolean> {
  const result = await trx
    .insertInto('authorities')
    .values({
      id: authority.id,
      purpose,
      state: 'prepared',
      certificate: authority.certificate,
      chain: authority.chain.join('\n'),
      sealed_key: authority.sealedKey,
      created_at: authority.createdAt,
      state_since: authority.createdAt,
      ...keyNames(authority),
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}
