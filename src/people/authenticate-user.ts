import type { Kysely } from 'kysely';
import { hash } from 'node:crypto';
import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import type { Schema } from '../storage/schema.js';
import type { Authenticate } from './caller.js';

/** Judges the token of a user by its hash: on record, not expired, of an active user, not from before the last reset. */
export function makeAuthenticateUser(edges: {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
}): Authenticate {
  return async ({ authorization }) => {
    const [, token] = /^(?:Bearer|aivenv1) +(\S+) *$/i.exec(authorization ?? '') ?? [];
    if (token === undefined) {
      throw new Failure(
        'user-token-missing',
        'Send the token of a user: Authorization: Bearer TOKEN, or aivenv1 TOKEN.',
      );
    }
    const tokenSha256 = hash('sha256', token);
    const found = await edges.db
      .selectFrom('user_tokens as t')
      .innerJoin('users as u', 'u.id', 't.user_id')
      .select(['u.id', 'u.email', 'u.real_name'])
      .where('t.token_sha256', '=', tokenSha256)
      .where('u.state', '=', 'active')
      .whereRef('t.created_at', '>=', 'u.token_validity_begin')
      .where((where) =>
        where.or([where('t.expires_at', 'is', null), where('t.expires_at', '>=', edges.clock())]),
      )
      .executeTakeFirst();
    if (!found) {
      throw new Failure('user-token-invalid', 'The token is unknown, expired or withdrawn.');
    }
    return { userId: found.id, email: found.email, realName: found.real_name, tokenSha256 };
  };
}
