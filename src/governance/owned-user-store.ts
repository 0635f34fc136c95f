import type { Kysely } from 'kysely';
import { nextKeyColumns } from '../credentials/service-user-row.js';
import type { Schema } from '../storage/schema.js';

/** The mark of the owner on service users: works in a transaction alone. */
export const ownedUsers = {
  /** False where the user is gone or has an owner. What waits for its next renewal is dropped: nobody consented to it. */
  own: async (
    { userId, accessId }: { readonly userId: string; readonly accessId: string },
    trx: Kysely<Schema>,
  ): Promise<boolean> => {
    const result = await trx
      .updateTable('service_users')
      .set({ access_id: accessId, ...nextKeyColumns(undefined), renewal_asked_at: null })
      .where('id', '=', userId)
      .where('access_id', 'is', null)
      .executeTakeFirstOrThrow();
    return result.numUpdatedRows === 1n;
  },
  /** What was revealed stays unseen: the next reset or renewal makes credentials that are shown again. */
  release: async (accessId: string, trx: Kysely<Schema>): Promise<void> => {
    await trx
      .updateTable('service_users')
      .set({ access_id: null })
      .where('access_id', '=', accessId)
      .execute();
  },
};
