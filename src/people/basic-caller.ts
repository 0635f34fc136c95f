import type { RequestHandler } from 'express';
import { readBasic } from '../http/basic-credentials.js';
import { requireCaller } from './caller.js';
import type { Authenticate } from './caller.js';

const challenge = 'Basic realm="Everleaf", charset="UTF-8"';

/**
 * requireCaller for programs that know no header but the one of HTTP Basic (RFC 7617), as calendars do: the token is
 * the password, the user name counts for nothing. A 401 names the scheme (RFC 9110 15.5.2), or they would not ask
 * their user for it.
 */
export function requireCallerByBasic(authenticate: Authenticate): RequestHandler[] {
  const offer: RequestHandler = (_request, response, next) => {
    response.setHeader('WWW-Authenticate', challenge);
    next();
  };
  const withdraw: RequestHandler = (_request, response, next) => {
    response.removeHeader('WWW-Authenticate');
    next();
  };
  return [offer, requireCaller(acceptBasic(authenticate)), withdraw];
}

function acceptBasic(authenticate: Authenticate): Authenticate {
  return (credentials) => {
    const basic = readBasic(credentials.authorization);
    if (!basic) return authenticate(credentials);
    return authenticate({ ...credentials, authorization: `Bearer ${basic.password}` });
  };
}
