import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.js';
import type { Role } from './roles.js';
import { isRole } from './roles.js';

/** An access token as it is stored: by hash, never by value. */
export interface AccessToken {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  readonly withdrawnAt: number | null;
}

export interface AccessTokenStore {
  insert(
    token: AccessToken & { readonly tokenSha256: string },
    trx?: Kysely<Schema>,
  ): Promise<void>;
  findByHash(tokenSha256: string): Promise<AccessToken | undefined>;
  list(): Promise<AccessToken[]>;
  /** Notes a use, at most once a minute, so that reading costs no write each time. */
  noteUse(id: string, now: number): Promise<void>;
  /** Whether this call withdrew it. */
  withdraw(id: string, now: number, trx?: Kysely<Schema>): Promise<boolean>;
}

/** The SQL of access tokens. */
export function makeAccessTokenStore(db: Kysely<Schema>): AccessTokenStore {
  return {
    insert: async (token, trx = db) => {
      await trx
        .insertInto('access_tokens')
        .values({
          token_sha256: token.tokenSha256,
          id: token.id,
          name: token.name,
          role: token.role,
          created_at: token.createdAt,
          expires_at: token.expiresAt,
          last_used_at: token.lastUsedAt,
          withdrawn_at: token.withdrawnAt,
        })
        .execute();
    },
    findByHash: async (tokenSha256) => {
      const row = await db
        .selectFrom('access_tokens')
        .selectAll()
        .where('token_sha256', '=', tokenSha256)
        .executeTakeFirst();
      return row && fromRow(row);
    },
    list: async () => {
      const rows = await db
        .selectFrom('access_tokens')
        .selectAll()
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map(fromRow);
    },
    noteUse: async (id, now) => {
      await db
        .updateTable('access_tokens')
        .set({ last_used_at: now })
        .where('id', '=', id)
        .where((where) =>
          where.or([where('last_used_at', 'is', null), where('last_used_at', '<', now - 60)]),
        )
        .execute();
    },
    withdraw: async (id, now, trx = db) => {
      const changed = await trx
        .updateTable('access_tokens')
        .set({ withdrawn_at: now })
        .where('id', '=', id)
        .where('withdrawn_at', 'is', null)
        .executeTakeFirst();
      return changed.numUpdatedRows === 1n;
    },
  };
}

function fromRow(row: {
  id: string;
  name: string;
  role: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  withdrawn_at: number | null;
}): AccessToken {
  if (!isRole(row.role)) throw new Error(`access token ${row.id} has an unknown role`);
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    withdrawnAt: row.withdrawn_at,
  };
}
