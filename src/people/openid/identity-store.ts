import type { Kysely } from 'kysely';
import type { Schema } from '../../storage/schema.js';
import { userOf } from '../user-store.js';
import type { OpenIdIdentity, User } from '../user-store.js';

export interface IdentityStore {
  /** The active user with this identity, whose activity it notes; holds it until the transaction ends. */
  signIn(identity: OpenIdIdentity, now: number, trx: Kysely<Schema>): Promise<User | undefined>;
  /** The user with this identity, whatever its state. */
  find(identity: OpenIdIdentity, trx: Kysely<Schema>): Promise<User | undefined>;
  /** Whether this call gave it to the user: not to a disabled one, nor to one that has an identity. */
  link(userId: string, identity: OpenIdIdentity, trx: Kysely<Schema>): Promise<boolean>;
  /** Whether this call took it away. */
  unlink(userId: string, trx: Kysely<Schema>): Promise<boolean>;
}

/** The SQL of users' identities. */
export function makeIdentityStore(): IdentityStore {
  return {
    signIn: async ({ issuer, subject }, now, trx) => {
      const row = await trx
        .updateTable('users')
        .set({ last_activity_at: now })
        .where('openid_issuer', '=', issuer)
        .where('openid_subject', '=', subject)
        .where('state', '=', 'active')
        .returningAll()
        .executeTakeFirst();
      return row && userOf(row);
    },
    find: async ({ issuer, subject }, trx) => {
      const row = await trx
        .selectFrom('users')
        .selectAll()
        .where('openid_issuer', '=', issuer)
        .where('openid_subject', '=', subject)
        .executeTakeFirst();
      return row && userOf(row);
    },
    link: async (userId, { issuer, subject }, trx) => {
      const result = await trx
        .updateTable('users')
        .set({ openid_issuer: issuer, openid_subject: subject })
        .where('id', '=', userId)
        .where('state', '=', 'active')
        .where('openid_subject', 'is', null)
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },
    unlink: async (userId, trx) => {
      const result = await trx
        .updateTable('users')
        .set({ openid_issuer: null, openid_subject: null })
        .where('id', '=', userId)
        .where('openid_subject', 'is not', null)
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },
  };
}
