import { hash } from 'node:crypto';
import type { ExpressionBuilder, Kysely, Selectable } from 'kysely';
import type { Schema } from '../storage/schema.js';

/** A user's token as it is stored: by hash, never by value. Times in seconds UTC. */
export interface UserToken {
  readonly tokenSha256: string;
  readonly prefix: string;
  readonly userId: string;
  readonly description: string;
  /** false: a sign-in made it. */
  readonly createdManually: boolean;
  readonly extendWhenUsed: boolean;
  readonly maxAgeSeconds: number | null;
  readonly expiresAt: number | null;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
  readonly lastIp: string | null;
  readonly lastUserAgent: string | null;
}

/** One use of a token, to be noted unless another was noted since `unlessSince`. */
export interface TokenUse {
  readonly tokenSha256: string;
  readonly now: number;
  readonly unlessSince: number;
  readonly expiresAt: number | null;
  readonly ip: string;
  readonly userAgent: string | null;
}

/** A token of a user as its owner names it: by its prefix, or in full. */
interface NamedToken {
  readonly userId: string;
  readonly name: string;
}

export interface UserTokenStore {
  insert(token: UserToken, trx: Kysely<Schema>): Promise<void>;
  find(tokenSha256: string, trx?: Kysely<Schema>): Promise<UserToken | undefined>;
  /** Newest first. */
  list(userId: string): Promise<UserToken[]>;
  /** Whether this call noted it. */
  noteUse(use: TokenUse): Promise<boolean>;
  describe(
    token: NamedToken,
    description: string,
    trx: Kysely<Schema>,
  ): Promise<UserToken | undefined>;
  /** The prefix of the token that this call withdrew. */
  withdraw(token: NamedToken, trx: Kysely<Schema>): Promise<string | undefined>;
  /** How many there were. */
  withdrawAll(userId: string, trx: Kysely<Schema>): Promise<number>;
  forgetExpired(userId: string, now: number, trx: Kysely<Schema>): Promise<void>;
}

/** The SQL of users' tokens. */
export function makeUserTokenStore(db: Kysely<Schema>): UserTokenStore {
  return {
    ...tokenReads(db),
    insert: async (token, trx) => {
      await trx.insertInto('user_tokens').values(toRow(token)).execute();
    },
    noteUse: async ({ tokenSha256, now, unlessSince, expiresAt, ip, userAgent }) => {
      const result = await db
        .updateTable('user_tokens')
        .set({
          last_used_at: now,
          last_ip: ip,
          last_user_agent: userAgent,
          expires_at: expiresAt,
        })
        .where('token_sha256', '=', tokenSha256)
        .where((where) =>
          where.or([where('last_used_at', 'is', null), where('last_used_at', '<=', unlessSince)]),
        )
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },
    describe: async (token, description, trx) => {
      const row = await trx
        .updateTable('user_tokens')
        .set({ description })
        .where(isNamed(token))
        .returningAll()
        .executeTakeFirst();
      return row && fromRow(row);
    },
    withdraw: async (token, trx) => {
      const row = await trx
        .deleteFrom('user_tokens')
        .where(isNamed(token))
        .returning('prefix')
        .executeTakeFirst();
      return row?.prefix;
    },
    withdrawAll: async (userId, trx) => {
      const result = await trx
        .deleteFrom('user_tokens')
        .where('user_id', '=', userId)
        .executeTakeFirst();
      return Number(result.numDeletedRows);
    },
    forgetExpired: async (userId, now, trx) => {
      await trx
        .deleteFrom('user_tokens')
        .where('user_id', '=', userId)
        .where('expires_at', '<', now)
        .execute();
    },
  };
}

function tokenReads(db: Kysely<Schema>): Pick<UserTokenStore, 'find' | 'list'> {
  return {
    find: async (tokenSha256, trx = db) => {
      const row = await trx
        .selectFrom('user_tokens')
        .selectAll()
        .where('token_sha256', '=', tokenSha256)
        .executeTakeFirst();
      return row && fromRow(row);
    },
    list: async (userId) => {
      const rows = await db
        .selectFrom('user_tokens')
        .selectAll()
        .where('user_id', '=', userId)
        .orderBy('created_at', 'desc')
        .orderBy('prefix')
        .execute();
      return rows.map(fromRow);
    },
  };
}

function isNamed({ userId, name }: NamedToken) {
  return (where: ExpressionBuilder<Schema, 'user_tokens'>) =>
    where.and([
      where('user_id', '=', userId),
      where.or([where('prefix', '=', name), where('token_sha256', '=', hashOfToken(name))]),
    ]);
}

/** A token has 256 random bits, so its plain hash gives nothing away and finds it by index in constant time. */
export function hashOfToken(token: string): string {
  return hash('sha256', token);
}

function toRow(token: UserToken) {
  return {
    token_sha256: token.tokenSha256,
    prefix: token.prefix,
    user_id: token.userId,
    description: token.description,
    created_manually: Number(token.createdManually),
    extend_when_used: Number(token.extendWhenUsed),
    max_age_seconds: token.maxAgeSeconds,
    expires_at: token.expiresAt,
    created_at: token.createdAt,
    last_used_at: token.lastUsedAt,
    last_ip: token.lastIp,
    last_user_agent: token.lastUserAgent,
  };
}

function fromRow(row: Selectable<Schema['user_tokens']>): UserToken {
  return {
    tokenSha256: row.token_sha256,
    prefix: row.prefix,
    userId: row.user_id,
    description: row.description,
    createdManually: row.created_manually === 1,
    extendWhenUsed: row.extend_when_used === 1,
    maxAgeSeconds: row.max_age_seconds,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    lastIp: row.last_ip,
    lastUserAgent: row.last_user_agent,
  };
}
