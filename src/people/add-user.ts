import type { Kysely } from 'kysely';
import type { Clock, RandomBytes } from '../edges.js';
import { emailAddressRule, readEmailAddress } from '../email-address.js';
import { Failure } from '../failure.js';
import type { Schema } from '../storage/schema.js';
import { addMember } from './first-organization.js';
import { drawPassword } from './passwords.js';
import type { OpenIdIdentity, User, UserStore } from './user-store.js';

/** A user who is on record nowhere yet, with the password that is shown once. */
export interface DrawnUser {
  readonly user: User;
  readonly password: string;
}

/**
 * Judges the address and the name and draws id and password; done before the transaction, since a hash takes time.
 * Throws Failures that say what is wrong.
 */
export async function drawUser(
  person: { readonly email: string; readonly realName: string },
  edges: { readonly clock: Clock; readonly random: RandomBytes },
): Promise<DrawnUser> {
  const user = userWithoutPassword(person, edges);
  const { password, passwordHash } = await drawPassword(edges.random);
  return { user: { ...user, passwordHash }, password };
}

/**
 * The same for a user who signs in by OpenID Connect alone, as `identity`, or as the first verified one with the
 * address.
 */
export function userWithoutPassword(
  person: {
    readonly email: string;
    readonly realName: string;
    readonly identity?: OpenIdIdentity;
  },
  { clock, random }: { readonly clock: Clock; readonly random: RandomBytes },
): User {
  const email = readEmailAddress(person.email);
  if (email === undefined) throw new Failure('field-invalid', `The address ${emailAddressRule}.`);
  if (!isRealName(person.realName)) {
    throw new Failure(
      'name-invalid',
      'The name of a user has 1 to 64 characters, none of them invisible, and no space at its ends.',
    );
  }
  const now = clock();
  return {
    id: `u${Buffer.from(random(6)).toString('hex')}`,
    email,
    realName: person.realName,
    passwordHash: null,
    identity: person.identity ?? null,
    state: 'active',
    createdAt: now,
    tokenValidityBegin: now,
    lastActivityAt: null,
    gatewayRole: null,
  };
}

/** Whether a list can show the name of a user in its line. */
export function isRealName(name: string): boolean {
  return /^[^\p{C}\p{Zl}\p{Zp}]{1,64}$/u.test(name) && name.trim() === name;
}

/** Puts a user on record as a member of an organisation. Throws the Failure `exists-already` for a known address. */
export async function addUser(
  users: Pick<UserStore, 'insert'>,
  input: {
    readonly user: User;
    readonly organizationId: string;
    readonly isAdmin: boolean;
  },
  trx: Kysely<Schema>,
): Promise<void> {
  const { user, organizationId, isAdmin } = input;
  if (!(await users.insert(user, trx)))
    throw new Failure('exists-already', `A user with the address ${user.email} already exists.`);
  const member = { organizationId, userId: user.id, isAdmin, now: user.createdAt };
  await addMember(member, trx);
}
