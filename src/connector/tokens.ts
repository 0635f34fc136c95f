import { hash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { ClientKind } from '../authority/certificate-kinds.js';
import type { Clock, RandomBytes } from '../edges.js';
import { Failure } from '../failure.js';
import type { Schema } from '../storage/schema.js';
import type { Client } from './client.js';
import type { EnrolmentToken, TokenPurpose, TokenStore } from './token-store.js';

/** A token of 64 random bytes in base64url with its padding: the form that existing clients know. */
export function newToken(input: {
  readonly random: RandomBytes;
  readonly purpose: TokenPurpose;
  readonly client: Client;
  readonly predecessor: string | null;
  readonly createdBy: string;
  readonly now: number;
  readonly expiresAt: number;
}): { readonly token: string; readonly stored: EnrolmentToken } {
  const token = `${Buffer.from(input.random(64)).toString('base64url')}==`;
  const tokenSha256 = hashOf(token);
  const { kind, application, tenant, group } = input.client;
  const stored = {
    tokenSha256,
    id: tokenSha256.slice(0, 12),
    purpose: input.purpose,
    kind,
    application,
    tenant,
    group,
    predecessor: input.predecessor,
    createdAt: input.now,
    createdBy: input.createdBy,
    expiresAt: input.expiresAt,
    usedAt: null,
    withdrawnAt: null,
  };
  return { token, stored };
}

/**
 * Finds the token that a request carries, if it is good for one of `purposes` and clients of `kind` (applications)
 * now; nothing is used up yet.
 */
export type PresentToken = (
  token: unknown,
  purposes: readonly TokenPurpose[],
  kind?: ClientKind,
) => Promise<EnrolmentToken>;

/** Throws Failures whose sentence is the contract's and whose kind says what befell the token. */
export function makePresentToken(edges: {
  readonly store: TokenStore;
  readonly clock: Clock;
}): PresentToken {
  return async (token, purposes, kind = 'application') => {
    if (typeof token !== 'string' || token === '')
      throw new Failure('token-missing', 'Token not provided.');
    const stored = await edges.store.find(hashOf(token));
    const isKnown = stored?.withdrawnAt === null && purposes.includes(stored.purpose);
    if (!isKnown || stored.kind !== kind) throw invalidToken('token-unknown');
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

/** The refusal of a token whose lapsed line another token brought back meanwhile. */
export function recoveredAlready(): Failure {
  return new Failure('token-used', 'Invalid token.', {
    detail:
      'Another token has brought this line of certificates back: renew the certificate that it gave.',
  });
}

function invalidToken(kind: 'token-unknown' | 'token-used' | 'token-expired'): Failure {
  const why = {
    'token-unknown':
      'This token was never issued here, was withdrawn, or is for another step or kind of client.',
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
