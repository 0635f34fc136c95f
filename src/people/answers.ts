import { isoTime } from '../iso-time.js';
import type { CreatedUserToken } from './new-user-token.js';
import { signInWays } from './sign-in-ways.js';
import type { User } from './user-store.js';
import type { UserToken } from './user-token-store.js';

/** The answer to a sign-in. */
export function signInAnswer(user: User, { fullToken }: CreatedUserToken): object {
  return {
    token: fullToken,
    state: user.state,
    user: user.email,
    user_email: user.email,
    user_id: user.id,
  };
}

/** A user as `GET /v1/me` shows it. */
export function meAnswer(user: User, projects: readonly string[]): object {
  return {
    user: {
      user: user.email,
      user_id: user.id,
      real_name: user.realName,
      state: user.state,
      create_time: isoTime(user.createdAt),
      token_validity_begin: isoTime(user.tokenValidityBegin),
      projects,
      auth: signInWays(user),
    },
  };
}

/** A token without its secret. `currentlyUsed`: SHA-256 of the one that the request came with. */
export function tokenAnswer(token: UserToken, currentlyUsed: string): object {
  return {
    token_prefix: token.prefix,
    description: token.description,
    max_age_seconds: token.maxAgeSeconds,
    extend_when_used: token.extendWhenUsed,
    create_time: isoTime(token.createdAt),
    created_manually: token.createdManually,
    currently_active: token.tokenSha256 === currentlyUsed,
    expiry_time: timeOrNull(token.expiresAt),
    last_used_time: timeOrNull(token.lastUsedAt),
    last_ip: token.lastIp,
    last_user_agent: token.lastUserAgent,
  };
}

function timeOrNull(seconds: number | null): string | null {
  return seconds === null ? null : isoTime(seconds);
}
