import type { RequestHandler, Router } from 'express';
import { limitByAddress, makeRateLimit } from '../http/rate-limit.js';
import { makeAuthenticateUser } from '../people/authenticate-user.js';
import { makeManageUserTokens } from '../people/manage-user-tokens.js';
import { makeCompare } from '../people/passwords.js';
import { makePeopleRoutes } from '../people/routes.js';
import { makeGrantToken, makeSignIn } from '../people/sign-in.js';
import { makeSignInAttempts } from '../people/sign-in-attempts.js';
import type { Foundation } from './foundation.js';

/** Sign-ins a minute from one address. */
const signInRate = 30;

/** Wires users, their sign-in and their tokens. */
export function makePeople(
  { stores, clock, random }: Pick<Foundation, 'stores' | 'clock' | 'random'>,
  guards: readonly RequestHandler[],
): Router {
  const { users, userTokens: tokens, transaction, recordEvent } = stores;
  const edges = { users, tokens, transaction, recordEvent, clock, random };
  return makePeopleRoutes({
    authenticate: makeAuthenticateUser(edges),
    signIn: makeSignIn({
      ...edges,
      grant: makeGrantToken(edges),
      attempts: makeSignInAttempts(clock),
      compare: makeCompare(random),
    }),
    userTokens: makeManageUserTokens({
      ...edges,
      isStillGood: async ({ tokenSha256 }, _user, trx) =>
        (await tokens.find(tokenSha256, trx)) !== undefined,
    }),
    users,
    guards,
    limitSignIns: limitByAddress(makeRateLimit(signInRate)),
  });
}
