import type { RequestHandler, Response } from 'express';
import { actorName } from '../connector/client.js';
import type { EnrolmentToken } from '../connector/token-store.js';
import type { PresentToken } from '../connector/tokens.js';
import { Failure } from '../failure.js';
import { contextOf } from '../http/request-context.js';
import { decodeBase64 } from '../pki/base64.js';

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

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** User name and password (RFC 7617 section 2); undefined where there are none, or they are malformed. */
function readBasic(authorization = ''): { user: string; password: string } | undefined {
  const [, letters = ''] = /^basic +(\S+)$/i.exec(authorization) ?? [];
  const bytes = decodeBase64(letters);
  const text = bytes && decodeUtf8(bytes);
  const colon = text?.indexOf(':') ?? -1;
  if (text === undefined || colon < 0) return undefined;
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    // TextDecoder has no other way to say that the bytes are malformed
    return undefined;
  }
}
