import type { Request, RequestHandler } from 'express';
import { addressOf, contextOf } from '../http/request-context.js';

/** Who calls, by a token of its own. */
export interface Caller {
  readonly userId: string;
  readonly email: string;
  readonly realName: string;
  readonly tokenSha256: string;
}

/** Judges the `Authorization` header; throws a Failure where nobody stands behind it. */
export type Authenticate = (credentials: {
  readonly authorization: string | undefined;
  readonly address: string;
  readonly userAgent: string | undefined;
}) => Promise<Caller>;

const callers = new WeakMap<Request, Caller>();

/** Requires a user's token on this request and leaves the caller for callerOf. */
export function requireCaller(authenticate: Authenticate): RequestHandler {
  return async (request, _response, next) => {
    const caller = await authenticate({
      authorization: request.headers.authorization,
      address: addressOf(request),
      userAgent: request.headers['user-agent'],
    });
    rememberCaller(request, caller);
    next();
  };
}

/** Leaves a caller for callerOf who was found another way. */
export function rememberCaller(request: Request, caller: Caller): void {
  contextOf(request).actor = `user:${caller.email}`;
  callers.set(request, caller);
}

/** Who requireCaller found. */
export function callerOf(request: Request): Caller {
  const caller = callers.get(request);
  if (!caller) throw new Error('a route asked for a caller that was not required');
  return caller;
}
