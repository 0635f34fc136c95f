import type { Kysely } from 'kysely';
import { shareRows } from '../storage/row-lock.js';
import type { Schema } from '../storage/schema.js';

export interface SelfServiceStore {
  /** Whether this call changed it. */
  setEnabled(
    change: { readonly id: string; readonly isEnabled: boolean },
    trx: Kysely<Schema>,
  ): Promise<boolean>;
  /**
   * Whether this call is the one that fetches the pair of that renewal: one does, and only while it is pending and the
   * old certificate is unrevoked, and not while an access owns the user or the pair is withheld.
   */
  claim(
    fetch: { readonly id: string; readonly pendingId: string; readonly oldSha256: string },
    trx: Kysely<Schema>,
  ): Promise<boolean>;
}

/** The SQL of self-service. */
export const selfServiceStore: SelfServiceStore = {
  setEnabled: async ({ id, isEnabled }, trx) => {
    const result = await trx
      .updateTable('service_users')
      .set({ is_self_service: isEnabled ? 1 : 0 })
      .where('id', '=', id)
      .where('is_self_service', '=', isEnabled ? 0 : 1)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  },
  claim: async ({ id, pendingId, oldSha256 }, trx) => {
    if (!(await holdUnrevoked(oldSha256, trx))) return false;
    const result = await trx
      .updateTable('service_users')
      .set({ fetched_pending_id: pendingId })
      .where('id', '=', id)
      .where('is_self_service', '=', 1)
      .where('access_id', 'is', null)
      .where('is_withheld', '=', 0)
      .where('pending_id', '=', pendingId)
      .where('old_certificate_sha256', '=', oldSha256)
      .where((where) =>
        where.or([
          where('fetched_pending_id', 'is', null),
          where('fetched_pending_id', '!=', pendingId),
        ]),
      )
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  },
};

/** A revocation is either seen here, or comes after the pair was handed out. */
async function holdUnrevoked(sha256: string, trx: Kysely<Schema>): Promise<boolean> {
  const query = trx
    .selectFrom('certificates')
    .select('sha256')
    .where('sha256', '=', sha256)
    .where('revoked_at', 'is', null);
  return (await shareRows(trx, query).executeTakeFirst()) !== undefined;
}
