import type { RequestHandler, Response } from 'express';
import { actorName } from '../connector/client.js';
import type { EnrolmentToken } from '../connector/token-store.js';
import type { PresentToken } from '../connector/tokens.js';
import { Failure } from '../failure.js';
import { readBasic } from '../http/basic-credentials.js';
import { contextOf } from '../http/request-context.js';

/**
 * Judges the enrolment token that comes as the password of HTTP Basic (RFC 7030 3.2.3), with the application that it
 * was made for as the user name, and leaves it for tokenOf. Nothing is used up yet.
 */
export function requireCredentials({
  presentToken,
}: {
  readonly presentToken: PresentToken;
}): RequestHandler {
  return async (request, response, next) => {
    const credentials = readBasic(request.headers.authorization);
    if (!credentials || credentials.password === '') {
      throw new Failure('token-missing', 'Token not provided.', {
        detail:
          'Send it by HTTP Basic, the application as user name and the token as password: curl --user NAME:TOKEN.',
      });
    }
    const token = await presentToken(credentials.password, ['pair', 'recover']);
    if (token.application !== credentials.user) {
      throw new Failure('token-unknown', 'Invalid token.', {
        detail: 'The user name must be the application that the token was made for.',
        isSuspicious: true,
      });
    }
    contextOf(request).actor = actorName(token);
    tokens.set(response, token);
    next();
  };
}

const tokens = new WeakMap<Response, EnrolmentToken>();

/** The token that requireCredentials accepted on this request. */
export function tokenOf(response: Response): EnrolmentToken {
  const token = tokens.get(response);
  if (!token) throw new Error('a route asked for a token that was not presented');
  return token;
}
