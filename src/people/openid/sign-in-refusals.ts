import type { User } from '../user-store.js';

/** Why somebody for whom the provider vouches may not sign in. */
export interface SignInRefusal {
  /** For the audit log. */
  readonly reason:
    | 'user-disabled'
    | 'address-unverified'
    | 'address-unknown'
    | 'address-taken'
    | 'identity-differs';
  /** For the person. */
  readonly sentence: string;
  /** Whose sign-in it would have been. */
  readonly user?: User;
}

/** The user is barred, whichever way it comes. */
export function disabled(user: User): SignInRefusal {
  const sentence = `The user ${user.email} is disabled: ask an administrator to enable it.`;
  return { reason: 'user-disabled', sentence, user };
}

/** What is not verified may be anybody's. */
export function unverified(email: string | undefined): SignInRefusal {
  const sentence =
    email === undefined
      ? 'The provider named no e-mail address that can be used here: give your account there one, then sign in again.'
      : `The provider has not verified that ${email} is yours: verify it there, then sign in again.`;
  return { reason: 'address-unverified', sentence };
}

/** Nobody has this address, and its domain is not let in. */
export function unknown(email: string): SignInRefusal {
  const sentence = `No user has the address ${email}: ask an administrator to add you (everleaf people add ${email} --openid).`;
  return { reason: 'address-unknown', sentence };
}

/** Somebody else was added with the address at the same moment. */
export function taken(email: string): SignInRefusal {
  const sentence = `A user with the address ${email} was added just now: sign in again.`;
  return { reason: 'address-taken', sentence };
}

/** The provider gave the address to another account since. */
export function differs(user: User): SignInRefusal {
  const sentence = `The user ${user.email} signs in with another account of the provider: if that is gone, ask an administrator to unlink it (everleaf people unlink ${user.email}).`;
  return { reason: 'identity-differs', sentence, user };
}
