import type { Kysely } from 'kysely';
import { hash } from 'node:crypto';
import type { Clock, RandomBytes } from '../edges.js';
import { Failure } from '../failure.js';
import type { Schema } from '../storage/schema.js';
import type { AccessToken, AccessTokenStore } from './access-token-store.js';
import { judgeDisplayName } from './display-name.js';
import type { Right, Role } from './roles.js';
import { roleAllows } from './roles.js';

/** A new access token; `token` is shown once and stored nowhere. */
export interface CreatedAccessToken {
  readonly token: string;
  readonly id: string;
  /** Seconds UTC; null: until withdrawn. */
  readonly expiresAt: number | null;
}

/** Inside a transaction where one is given, so that its event stands or falls with it. */
export type CreateAccessToken = (
  order: { readonly name: string; readonly role: Role; readonly validitySeconds: number | null },
  trx?: Kysely<Schema>,
) => Promise<CreatedAccessToken>;

/**
 * Makes access tokens for operators. `validitySeconds` null: until withdrawn. Throws the Failure `name-invalid` for a
 * name that a list could not show in its line.
 */
export function makeCreateAccessToken(edges: {
  readonly store: AccessTokenStore;
  readonly random: RandomBytes;
  readonly clock: Clock;
}): CreateAccessToken {
  return async (order, trx) => {
    judgeDisplayName(order.name, 'The name of an access token');
    const now = edges.clock();
    const expiresAt = order.validitySeconds === null ? null : now + order.validitySeconds;
    const token = `evl_${Buffer.from(edges.random(32)).toString('base64url')}`;
    const tokenSha256 = hashOf(token);
    const id = tokenSha256.slice(0, 12);
    await edges.store.insert(
      {
        tokenSha256,
        id,
        name: order.name,
        role: order.role,
        createdAt: now,
        expiresAt,
        lastUsedAt: null,
        withdrawnAt: null,
      },
      trx,
    );
    return { token, id, expiresAt };
  };
}

/** Who calls the internal API, judged on this request: the token behind `Authorization`, if it has the right. */
export type AuthenticateOperator = (
  authorization: string | undefined,
  right: Right,
) => Promise<AccessToken>;

/** Throws a Failure when there is no token, it is not good now, or its role lacks the right. */
export function makeAuthenticateOperator(edges: {
  readonly store: AccessTokenStore;
  readonly clock: Clock;
}): AuthenticateOperator {
  return async (authorization, right) => {
    const [, token] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
    if (token === undefined) {
      throw new Failure(
        'access-token-missing',
        'Send an access token: Authorization: Bearer TOKEN.',
      );
    }
    const now = edges.clock();
    const found = await edges.store.findByHash(hashOf(token));
    if (found?.withdrawnAt !== null || (found.expiresAt !== null && now > found.expiresAt)) {
      throw new Failure(
        'access-token-invalid',
        'The access token is unknown, expired or withdrawn.',
      );
    }
    if (!roleAllows(found.role, right)) {
      throw new Failure('role-missing', `The role ${found.role} does not allow this.`);
    }
    await edges.store.noteUse(found.id, now);
    return found;
  };
}

// A token has 256 random bits, so its plain hash gives nothing away and finds it by index in constant time.
function hashOf(token: string): string {
  return hash('sha256', token);
}
