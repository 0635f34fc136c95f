import type { Kysely } from 'kysely';
import type { Clock, RandomBytes } from '../../edges.js';
import type { Schema } from '../../storage/schema.js';
import { isRealName, userWithoutPassword } from '../add-user.js';
import { addMember, findFirstOrganization } from '../first-organization.js';
import type { User, UserStore } from '../user-store.js';
import type { IdentityStore } from './identity-store.js';
import { differs, disabled, taken, unknown, unverified } from './sign-in-refusals.js';
import type { SignInRefusal } from './sign-in-refusals.js';
import type { VerifiedIdentity } from './verified-identity.js';

/** A user who may sign in, and what this sign-in changed. */
export interface Admitted {
  readonly user: User;
  readonly change?: 'linked' | 'added' | undefined;
}

/** Who the identity is here; to be called in the transaction that records it. */
export type FindOrMakeUser = (
  identity: VerifiedIdentity,
  trx: Kysely<Schema>,
) => Promise<Admitted | SignInRefusal>;

export interface FindOrMakeUserEdges {
  readonly users: Pick<UserStore, 'findByEmail' | 'insert'>;
  readonly identities: IdentityStore;
  /** Domains whose verified addresses may become users; lower case. */
  readonly signUpDomains: readonly string[];
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/**
 * By issuer and subject, which alone stay the same for ever (OpenID Connect Core 5.7). The first time by an address
 * that the provider has verified, and only for a user who has no identity yet.
 */
export function makeFindOrMakeUser(edges: FindOrMakeUserEdges): FindOrMakeUser {
  const { users, identities, clock } = edges;
  return async (identity, trx) => {
    const known = await identities.signIn(identity, clock(), trx);
    if (known) return { user: known };
    const recorded = await identities.find(identity, trx);
    if (recorded) return admitRecorded(edges, { identity, recorded }, trx);
    const { email } = identity;
    if (email === undefined || !identity.isEmailVerified) return unverified(email);
    const user = await users.findByEmail(email, trx);
    if (!user) return signUp(edges, { ...identity, email }, trx);
    if (user.state === 'disabled') return disabled(user);
    const isLinked = await identities.link(user.id, identity, trx);
    // Without a link another sign-in of the same person may have made it just now.
    const linked = await identities.signIn(identity, clock(), trx);
    return linked ? { user: linked, change: isLinked ? 'linked' : undefined } : differs(user);
  };
}

/** On record, though it was not a moment ago: barred, or made just now by another sign-in of the same person. */
async function admitRecorded(
  { identities, clock }: FindOrMakeUserEdges,
  { identity, recorded }: { readonly identity: VerifiedIdentity; readonly recorded: User },
  trx: Kysely<Schema>,
): Promise<Admitted | SignInRefusal> {
  const user = recorded.state === 'active' && (await identities.signIn(identity, clock(), trx));
  return user ? { user } : disabled(recorded);
}

async function signUp(
  { users, identities, signUpDomains, clock, random }: FindOrMakeUserEdges,
  identity: VerifiedIdentity & { readonly email: string },
  trx: Kysely<Schema>,
): Promise<Admitted | SignInRefusal> {
  const { issuer, subject, email, name } = identity;
  const organizationId = await findFirstOrganization(trx);
  const isAllowed = signUpDomains.includes(email.slice(email.indexOf('@') + 1));
  if (!isAllowed || organizationId === undefined) return unknown(email);
  const realName = name !== undefined && isRealName(name) ? name : email.slice(0, 64);
  const person = { email, realName, identity: { issuer, subject } };
  const user = userWithoutPassword(person, { clock, random });
  const isNew = await users.insert(user, trx);
  if (isNew) {
    const member = { organizationId, userId: user.id, isAdmin: false, now: user.createdAt };
    await addMember(member, trx);
  }
  // Not new: another sign-in of the same person, or an administrator, was faster.
  const made = await identities.signIn(identity, clock(), trx);
  return made ? { user: made, change: isNew ? 'added' : undefined } : taken(email);
}
