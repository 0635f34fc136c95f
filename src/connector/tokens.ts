import { hash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Clock, RandomBytes } from '../edges.js';
import { Failure } from '../failure.js';
import type { Schema } from '../storage/schema.js';
import type { EnrolmentToken, TokenPurpose, TokenStore } from './token-store.js';

/** A token of 64 random bytes in base64url with its padding: the form that existing clients know. */
export function newToken(input: {
  readonly random: RandomBytes;
  readonly purpose: TokenPurpose;
  readonly application: string;
  readonly createdBy: string;
  readonly now: number;
  readonly expiresAt: number;
}): { readonly token: string; readonly stored: EnrolmentToken } {
  const token = `${Buffer.from(input.random(64)).toString('base64url')}==`;
  const tokenSha256 = hashOf(token);
  const stored = {
    tokenSha256,
    id: tokenSha256.slice(0, 12),
    purpose: input.purpose,
    application: input.application,
    createdAt: input.now,
    createdBy: input.createdBy,
    expiresAt: input.expiresAt,
    usedAt: null,
    withdrawnAt: null,
  };
  return { token, stored };
}

/** Finds the token that a request carries, if it is good for one of `purposes` now; nothing is used up yet. */
export type PresentToken = (
  token: unknown,
  purposes: readonly TokenPurpose[],
) => Promise<EnrolmentToken>;

/** Throws Failures whose sentence is the contract's and whose kind says what befell the token. */
export function makePresentToken(edges: {
  readonly store: TokenStore;
  readonly clock: Clock;
}): PresentToken {
  return async (token, purposes) => {
    if (typeof token !== 'string' || token === '')
      throw new Failure('token-missing', 'Token not provided.');
    const stored = await edges.store.find(hashOf(token));
    if (stored?.withdrawnAt !== null || !purposes.includes(stored.purpose)) {
      throw invalidToken('token-unknown');
    }
    if (stored.usedAt !== null) throw invalidToken('token-used');
    if (edges.clock() > stored.expiresAt) throw invalidToken('token-expired');
    return stored;
  };
}

/** Uses a token inside the transaction that holds what it was used for: exactly one of many succeeds. */
export async function useToken(
  edges: { readonly store: TokenStore; readonly clock: Clock },
  token: EnrolmentToken,
  trx: Kysely<Schema>,
): Promise<void> {
  const now = edges.clock();
  if (await edges.store.use(token.tokenSha256, now, trx)) return;
  throw invalidToken(now > token.expiresAt ? 'token-expired' : 'token-used');
}

function invalidToken(kind: 'token-unknown' | 'token-used' | 'token-expired'): Failure {
  const why = {
    'token-unknown': 'This token was never issued here, was withdrawn, or is for another step.',
    'token-used': 'This token has been used.',
    'token-expired': 'This token has expired.',
  }[kind];
  return new Failure(kind, 'Invalid token.', {
    detail: `${why} Ask the operator of the gateway for a new one.`,
  });
}

// A token has 512 random bits, so its plain hash gives nothing away and finds it by index in constant time.
function hashOf(token: string): string {
  return hash('sha256', token);
}
