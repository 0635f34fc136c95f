import type { RequestHandler, Router } from 'express';
import { limitByAddress, makeRateLimit } from '../http/rate-limit.js';
import { makeAuthenticateUser } from '../people/authenticate-user.js';
import { makeManageUserTokens } from '../people/manage-user-tokens.js';
import { makeCompare } from '../people/passwords.js';
import { makePeopleRoutes } from '../people/routes.js';
import { makeGrantToken, makeSignIn } from '../people/sign-in.js';
import type { SignInEdges } from '../people/sign-in.js';
import { makeSignInAttempts } from '../people/sign-in-attempts.js';
import type { Foundation } from './foundation.js';

/** Sign-ins a minute from one address. */
const signInRate = 30;

/** What slows guesses down; of one gateway there is one, so that no second way in gives more of them. */
export interface SignInBrakes extends Pick<SignInEdges, 'attempts' | 'compare'> {
  readonly limitSignIns: RequestHandler;
}

/** Makes it. */
export function makeSignInBrakes({
  clock,
  random,
}: Pick<Foundation, 'clock' | 'random'>): SignInBrakes {
  return {
    attempts: makeSignInAttempts(clock),
    compare: makeCompare(random),
    limitSignIns: limitByAddress(makeRateLimit(signInRate)),
  };
}

/** Wires users, their sign-in and their tokens. */
export function makePeople(
  { stores, clock, random }: Pick<Foundation, 'stores' | 'clock' | 'random'>,
  guards: readonly RequestHandler[],
  { limitSignIns, ...brakes }: SignInBrakes,
): Router {
  const {
    users,
    userTokens: tokens,
    signInAddresses: addresses,
    transaction,
    recordEvent,
  } = stores;
  const edges = { users, tokens, transaction, recordEvent, clock, random };
  return makePeopleRoutes({
    authenticate: makeAuthenticateUser(edges),
    signIn: makeSignIn({
      ...edges,
      addresses,
      grant: makeGrantToken(edges),
      ...brakes,
    }),
    userTokens: makeManageUserTokens({
      ...edges,
      isStillGood: async ({ tokenSha256 }, _user, trx) =>
        (await tokens.find(tokenSha256, trx)) !== undefined,
    }),
    users,
    guards,
    limitSignIns,
  });
}
