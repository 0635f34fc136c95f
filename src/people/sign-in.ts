import type { Kysely } from 'kysely';
import type { Clock, RandomBytes } from '../edges.js';
import { Failure } from '../failure.js';
import type { Schema } from '../storage/schema.js';
import { addUserToken } from './new-user-token.js';
import type { CreatedUserToken } from './new-user-token.js';
import type { Compare } from './passwords.js';
import type { RecordPeopleEvent } from './people-event.js';
import type { InTransaction } from './record-change.js';
import { makeRecordRefusedSignIn } from './record-refused.js';
import type { SignInAddresses } from './sign-in-addresses.js';
import type { SignInAttempts } from './sign-in-attempts.js';
import type { User, UserStore } from './user-store.js';
import type { UserTokenStore } from './user-token-store.js';

/** What somebody presents who wants to be a user. */
export interface SignInCommand {
  readonly email: string;
  readonly password: string;
  readonly address: string;
  readonly userAgent?: string | undefined;
  readonly requestId: string;
}

/** Throws the Failure `login-failed`, or `rate-limited` after too many attempts. */
export type SignIn<Granted> = (
  command: SignInCommand,
) => Promise<{ readonly user: User; readonly created: Granted }>;

/** What a sign-in gives: a token, or the session of a browser; and what the audit log says of it. */
export type Grant<Granted> = (
  user: User,
  from: Pick<SignInCommand, 'address' | 'userAgent'> & { readonly now: number },
  trx: Kysely<Schema>,
) => Promise<{ readonly granted: Granted; readonly detail: Readonly<Record<string, unknown>> }>;

export interface SignInEdges {
  readonly users: Pick<UserStore, 'findByEmail' | 'signIn'>;
  readonly addresses: SignInAddresses;
  readonly attempts: SignInAttempts;
  readonly compare: Compare;
  readonly transaction: InTransaction;
  readonly recordEvent: RecordPeopleEvent;
  readonly clock: Clock;
}

/** A month by hand, without extension: a stolen one ends, and what runs for longer has a token that says what it is. */
const signInToken = {
  description: 'sign-in',
  maxAgeSeconds: 30 * 86_400,
  extendWhenUsed: false,
} as const;

/** A token for who signed in. */
export function makeGrantToken(edges: {
  readonly tokens: Pick<UserTokenStore, 'insert' | 'forgetExpired'>;
  readonly random: RandomBytes;
}): Grant<CreatedUserToken> {
  return async (user, { now }, trx) => {
    const making = { ...edges, now, createdManually: false };
    const granted = await addUserToken(user.id, signInToken, making, trx);
    return { granted, detail: { token: granted.token.prefix } };
  };
}

/** Address and password -> what `grant` gives. It does the same for an address without user, and answers the same. */
export function makeSignIn<Granted>(
  edges: SignInEdges & { readonly grant: Grant<Granted> },
): SignIn<Granted> {
  const { users, addresses, attempts, compare, clock } = edges;
  const recordRefused = makeRecordRefusedSignIn(edges);
  return async (command) => {
    const { email, password, address, requestId } = command;
    const user = await users.findByEmail(email);
    const isOwnAddress = user !== undefined && (await addresses.isKnown(user.id, address, clock()));
    const attempt = { account: email, address, isOwnAddress };
    const waitSeconds = attempts.begin(attempt);
    if (waitSeconds > 0) {
      const refused = { level: 'warning', reason: 'rate-limited' } as const;
      await recordRefused({ ...refused, user, address, requestId });
      throw tooMany(waitSeconds);
    }
    const { isRight, renewed } = await compare(password, user?.passwordHash ?? null);
    const created = user && isRight ? await admit(edges, { command, user, renewed }) : undefined;
    if (!user || !created) {
      await recordRefused({ reason: 'login-failed', user, address, requestId });
      throw new Failure('login-failed', 'There is no user with this address and password.');
    }
    attempts.forgive(attempt);
    return { user, created };
  };
}

/** undefined where the user was disabled, or got another password while this one was compared. */
async function admit<Granted>(
  edges: SignInEdges & { readonly grant: Grant<Granted> },
  found: {
    readonly command: SignInCommand;
    readonly user: User;
    readonly renewed: string | undefined;
  },
): Promise<Granted | undefined> {
  const { users, grant, clock } = edges;
  const { command, user, renewed } = found;
  return edges.transaction(async (trx) => {
    const now = clock();
    if (!(await users.signIn(user, renewed, now, trx))) return undefined;
    await edges.addresses.remember(user.id, command.address, now, trx);
    const { granted, detail } = await grant(user, { ...command, now }, trx);
    await edges.recordEvent(
      {
        action: 'user.signed-in',
        actor: `user:${user.email}`,
        holder: user.email,
        requestId: command.requestId,
        detail: { address: command.address, ...detail },
      },
      trx,
    );
    return granted;
  });
}

function tooMany(retryAfterSeconds: number): Failure {
  return new Failure(
    'rate-limited',
    `Too many attempts to sign in as this user: try again in ${String(retryAfterSeconds)} seconds.`,
    { retryAfterSeconds },
  );
}
