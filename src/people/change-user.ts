import type { Kysely } from 'kysely';
import type { Clock } from '../edges.js';
import type { Schema } from '../storage/schema.js';
import { requireAnotherAdministrator } from './change-gateway-role.js';
import type { IdentityStore } from './openid/identity-store.js';
import type { UserStore } from './user-store.js';
import type { UserTokenStore } from './user-token-store.js';

interface ChangeEdges {
  readonly users: UserStore;
  readonly userTokens: Pick<UserTokenStore, 'withdrawAll'>;
  readonly clock: Clock;
}

/** Gives a user another password; whoever had the old one loses the tokens that were made with it. */
export async function changePassword(
  edges: ChangeEdges,
  change: { readonly userId: string; readonly passwordHash: string },
  trx: Kysely<Schema>,
): Promise<void> {
  await edges.users.setPassword(change.userId, change.passwordHash, trx);
  await endTokens(edges, change.userId, trx);
}

/**
 * Bars a user, tokens included: they do not come back with the user. Returns whether this call did it. Throws Failure
 * `state-conflict` for the only administrator of the gateway.
 */
export async function disableUser(
  edges: ChangeEdges,
  userId: string,
  trx: Kysely<Schema>,
): Promise<boolean> {
  await requireAnotherAdministrator(edges.users, userId, trx);
  if (!(await edges.users.setState(userId, 'disabled', trx))) return false;
  await endTokens(edges, userId, trx);
  return true;
}

/** Forgets who the user is to the provider of OpenID Connect, tokens included. Returns whether this call did it. */
export async function unlinkUser(
  edges: ChangeEdges & { readonly identities: Pick<IdentityStore, 'unlink'> },
  userId: string,
  trx: Kysely<Schema>,
): Promise<boolean> {
  if (!(await edges.identities.unlink(userId, trx))) return false;
  await endTokens(edges, userId, trx);
  return true;
}

async function endTokens(
  { users, userTokens, clock }: ChangeEdges,
  userId: string,
  trx: Kysely<Schema>,
): Promise<void> {
  await users.beginTokenValidity(userId, clock(), trx);
  await userTokens.withdrawAll(userId, trx);
}
