import type { Kysely } from 'kysely';
import type { RandomBytes } from '../edges.js';
import type { Schema } from '../storage/schema.js';
import { hashOfToken } from './user-token-store.js';
import type { UserToken, UserTokenStore } from './user-token-store.js';

/** What a new token is to be. `maxAgeSeconds` null: good until it is withdrawn. */
export interface TokenOrder {
  readonly description: string;
  readonly maxAgeSeconds: number | null;
  /** Every use puts the end `maxAgeSeconds` away again. */
  readonly extendWhenUsed: boolean;
}

/** A new token; `fullToken` is shown once and stored nowhere. */
export interface CreatedUserToken {
  readonly fullToken: string;
  readonly token: UserToken;
}

/** Where it comes from and when. */
interface Making {
  readonly tokens: Pick<UserTokenStore, 'insert' | 'forgetExpired'>;
  readonly random: RandomBytes;
  readonly now: number;
  readonly createdManually: boolean;
}

/** Puts a token on record for a user whom the transaction holds, and forgets those of the user that are over. */
export async function addUserToken(
  userId: string,
  order: TokenOrder,
  making: Making,
  trx: Kysely<Schema>,
): Promise<CreatedUserToken> {
  const { tokens, random, now, createdManually } = making;
  const fullToken = `evu_${Buffer.from(random(32)).toString('base64url')}`;
  const token: UserToken = {
    ...order,
    tokenSha256: hashOfToken(fullToken),
    prefix: fullToken.slice(0, 12),
    userId,
    createdManually,
    expiresAt: order.maxAgeSeconds === null ? null : now + order.maxAgeSeconds,
    createdAt: now,
    lastUsedAt: null,
    lastIp: null,
    lastUserAgent: null,
  };
  await tokens.forgetExpired(userId, now, trx);
  await tokens.insert(token, trx);
  return { fullToken, token };
}
