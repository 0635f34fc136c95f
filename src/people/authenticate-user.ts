import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import type { Authenticate } from './caller.js';
import type { User, UserStore } from './user-store.js';
import { hashOfToken } from './user-token-store.js';
import type { TokenUse, UserToken, UserTokenStore } from './user-token-store.js';

/**
 * Judges a user's token, on every request anew: `aivenv1 TOKEN` as Aiven's clients send it, or `Bearer TOKEN`. A good
 * one is noted as used, at most once a minute, and lives on from there where it was made so.
 */
export function makeAuthenticateUser(edges: {
  readonly users: Pick<UserStore, 'findById' | 'noteActivity'>;
  readonly tokens: Pick<UserTokenStore, 'find' | 'noteUse'>;
  readonly clock: Clock;
}): Authenticate {
  const { users, tokens, clock } = edges;
  return async ({ authorization, address, userAgent }) => {
    const [, fullToken] = /^(?:aivenv1|bearer) +(\S+) *$/i.exec(authorization ?? '') ?? [];
    if (fullToken === undefined) {
      throw new Failure(
        'user-token-missing',
        'Send a token: Authorization: aivenv1 TOKEN, or Bearer TOKEN.',
      );
    }
    const now = clock();
    const token = await tokens.find(hashOfToken(fullToken));
    const user = token && (await users.findById(token.userId));
    if (!token || !user || !isGood(token, user, now)) throw invalidUserToken();
    const use = { ip: address, userAgent: userAgent?.slice(0, 200) ?? null };
    if (isUseDue(token, now) && (await tokens.noteUse(noteOf(token, use, now))))
      await users.noteActivity(user.id, now);
    return {
      userId: user.id,
      email: user.email,
      realName: user.realName,
      tokenSha256: token.tokenSha256,
    };
  };
}

/** The refusal of a token, wherever it turns out that it is none any more. */
export function invalidUserToken(): Failure {
  return new Failure(
    'user-token-invalid',
    'The token is unknown, expired or withdrawn: sign in again.',
  );
}

function isGood(token: UserToken, user: User, now: number): boolean {
  const isOver = token.expiresAt !== null && now > token.expiresAt;
  return user.state === 'active' && token.createdAt >= user.tokenValidityBegin && !isOver;
}

/** A minute, or a quarter of a short life that every use extends: else it could end between two uses. */
function noteEvery(token: UserToken): number {
  if (!token.extendWhenUsed || token.maxAgeSeconds === null) return 60;
  return Math.min(60, Math.floor(token.maxAgeSeconds / 4));
}

function isUseDue(token: UserToken, now: number): boolean {
  return token.lastUsedAt === null || token.lastUsedAt <= now - noteEvery(token);
}

function noteOf(token: UserToken, from: Pick<TokenUse, 'ip' | 'userAgent'>, now: number): TokenUse {
  const { extendWhenUsed, maxAgeSeconds } = token;
  return {
    ...from,
    tokenSha256: token.tokenSha256,
    now,
    unlessSince: now - noteEvery(token),
    expiresAt: extendWhenUsed && maxAgeSeconds !== null ? now + maxAgeSeconds : token.expiresAt,
  };
}
