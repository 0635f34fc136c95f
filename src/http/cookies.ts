import type { CookieOptions, Request, Response } from 'express';

/** A cookie of one host, out of reach for scripts. */
export interface OwnCookie {
  set(response: Response, value: string, ttlSeconds: number): void;
  read(request: Request): string | undefined;
  clear(response: Response): void;
}

/**
 * With HTTPS it has the prefix `__Host-`, so that no neighbouring host can plant one (RFC 6265bis 4.1.3.2).
 * `sameSite` lax: it also comes along where another site leads a browser here.
 */
export function makeOwnCookie(cookie: {
  readonly name: string;
  readonly isHttps: boolean;
  readonly sameSite: 'lax' | 'strict';
}): OwnCookie {
  const { isHttps, sameSite } = cookie;
  const name = isHttps ? `__Host-${cookie.name}` : cookie.name;
  const options: CookieOptions = { httpOnly: true, secure: isHttps, sameSite, path: '/' };
  return {
    set: (response, value, ttlSeconds) => {
      response.cookie(name, value, { ...options, maxAge: ttlSeconds * 1000 });
    },
    read: (request) => {
      const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
      return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
    },
    clear: (response) => {
      response.clearCookie(name, options);
    },
  };
}
