import type { Kysely } from 'kysely';
import type { Clock } from '../../edges.js';
import { Failure } from '../../failure.js';
import type { Schema } from '../../storage/schema.js';
import type { RecordPeopleEvent } from '../people-event.js';
import type { InTransaction } from '../record-change.js';
import { makeRecordRefusedSignIn } from '../record-refused.js';
import type { User } from '../user-store.js';
import type { Admitted, FindOrMakeUser } from './find-or-make-user.js';
import type { VerifiedIdentity } from './verified-identity.js';

/** From where, by which request. */
export interface SignInOrigin {
  readonly address: string;
  readonly requestId: string;
}

/** The user that the identity is, or becomes. Throws the Failure `login-failed`, which says what to do. */
export type SignInWithIdentity = (
  identity: VerifiedIdentity,
  origin: SignInOrigin,
) => Promise<User>;

export interface SignInWithIdentityEdges {
  readonly findOrMakeUser: FindOrMakeUser;
  /** Gives the user the memberships to which its address is invited. */
  readonly acceptInvitations: (user: { userId: string; email: string }) => Promise<void>;
  readonly transaction: InTransaction;
  readonly recordEvent: RecordPeopleEvent;
  readonly clock: Clock;
}

/** Whatever it changes, and the sign-in itself, stands or falls with its events. */
export function makeSignInWithIdentity(edges: SignInWithIdentityEdges): SignInWithIdentity {
  const { transaction, acceptInvitations } = edges;
  const recordRefused = makeRecordRefusedSignIn(edges);
  return async (identity, origin) => {
    const outcome = await transaction(async (trx) => {
      const found = await edges.findOrMakeUser(identity, trx);
      if (!('reason' in found)) await recordSignIn(edges, { ...found, identity, origin }, trx);
      return found;
    });
    if ('reason' in outcome) {
      const { reason, user } = outcome;
      await recordRefused({ reason, by: 'openid', user, ...origin });
      throw new Failure('login-failed', outcome.sentence);
    }
    const { id: userId, email } = outcome.user;
    await acceptInvitations({ userId, email });
    return outcome.user;
  };
}

async function recordSignIn(
  { recordEvent }: SignInWithIdentityEdges,
  signIn: Admitted & { readonly identity: VerifiedIdentity; readonly origin: SignInOrigin },
  trx: Kysely<Schema>,
): Promise<void> {
  const { user, change, identity, origin } = signIn;
  const { issuer, subject } = identity;
  const { address, requestId } = origin;
  const event = { actor: `user:${user.email}`, holder: user.email, requestId };
  if (change === 'added') {
    await recordEvent({ ...event, action: 'user.added', detail: { isAdmin: false } }, trx);
  }
  if (change !== undefined) {
    await recordEvent({ ...event, action: 'user.linked', detail: { issuer, subject } }, trx);
  }
  const detail = { address, by: 'openid' };
  await recordEvent({ ...event, action: 'user.signed-in', detail }, trx);
}
