import { readEmailAddress } from '../../email-address.js';
import type { OpenIdIdentity } from '../user-store.js';

/** Somebody for whom the provider vouches, as it described them just now. */
export interface VerifiedIdentity extends OpenIdIdentity {
  /** In lower case; undefined where there is none that can be used here. */
  readonly email: string | undefined;
  /** Whether the provider says that it made sure of the address. */
  readonly isEmailVerified: boolean;
  readonly name: string | undefined;
}

/** Claims, of an ID token or of the provider's user info, as an identity (OpenID Connect Core 5.1). */
export function readIdentity(
  identity: OpenIdIdentity,
  claims: Readonly<Record<string, unknown>>,
): VerifiedIdentity {
  const { email, email_verified: isVerified, name } = claims;
  return {
    ...identity,
    email: typeof email === 'string' ? readEmailAddress(email) : undefined,
    // Some providers say it in words; only the boolean of the standard counts.
    isEmailVerified: isVerified === true,
    name: typeof name === 'string' ? name : undefined,
  };
}
