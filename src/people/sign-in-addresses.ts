import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.js';

const rememberedSeconds = 90 * 86_400;

/** Where the passwords of users have been right: guesses from elsewhere do not slow their owners down there. */
export interface SignInAddresses {
  isKnown(userId: string, address: string, now: number): Promise<boolean>;
  /** For 90 days from now. */
  remember(userId: string, address: string, now: number, trx: Kysely<Schema>): Promise<void>;
}

/** The SQL of addresses. */
export function makeSignInAddresses(db: Kysely<Schema>): SignInAddresses {
  return {
    isKnown: async (userId, address, now) => {
      const row = await db
        .selectFrom('sign_in_addresses')
        .select('last_at')
        .where('user_id', '=', userId)
        .where('address', '=', address)
        .where('last_at', '>', now - rememberedSeconds)
        .executeTakeFirst();
      return row !== undefined;
    },
    remember: async (userId, address, now, trx) => {
      await trx
        .deleteFrom('sign_in_addresses')
        .where('user_id', '=', userId)
        .where('last_at', '<=', now - rememberedSeconds)
        .execute();
      await trx
        .insertInto('sign_in_addresses')
        .values({ user_id: userId, address, last_at: now })
        .onConflict((known) => known.columns(['user_id', 'address']).doUpdateSet({ last_at: now }))
        .execute();
    },
  };
}
