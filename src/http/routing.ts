import type { RequestHandler, Router } from 'express';
import { Failure } from '../failure.js';
import { contextOf } from './request-context.js';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/**
 * Mounts the handlers of one path. Other methods get a 405 before any of them runs, HEAD included: express would
 * serve it as GET and use a token up.
 */
export function mountPath(
  router: Router,
  path: string,
  handlers: Readonly<Partial<Record<Method, readonly RequestHandler[]>>>,
): void {
  const guard: RequestHandler = (request, _response, next) => {
    contextOf(request).route = path;
    if (Object.hasOwn(handlers, request.method.toLowerCase())) next();
    else next(new Failure('method-not-allowed', 'Method not allowed.'));
  };
  router.all(path, guard);
  for (const method of ['get', 'post', 'put', 'patch', 'delete'] as const) {
    const steps = handlers[method];
    if (steps) router[method](path, ...steps);
  }
}

/** The answer where no path matched. */
export const refuseUnknownPath: RequestHandler = (_request, _response, next) => {
  next(new Failure('not-found', 'Requested resource could not be found.'));
};

/**
 * What becomes of `//` in a path: answered by a redirect to the clean path, as the Connector Service does; cut at the
 * front, and elsewhere an empty segment; or kept, since it means what it says.
 */
export type DoubledSlashes = 'redirected' | 'cut at the front' | 'kept';

/**
 * Judges a request before a router sees it: one without Host is no HTTP/1.1 (RFC 9112 3.2); of an absolute target the
 * path counts; `//` is treated as `slashesIn` says; percent-encoding that cannot be decoded is refused.
 */
export function makeCleanRequest({
  slashesIn,
}: {
  readonly slashesIn: (url: string) => DoubledSlashes;
}): RequestHandler {
  return (request, response, next) => {
    if (request.headers.host === undefined && request.httpVersion !== '1.0') {
      response.setHeader('Connection', 'close');
      next(new Failure('http-malformed', 'The request has no Host header.'));
      return;
    }
    request.url = request.url.replace(/^https?:\/\/[^/?#]*\/?/i, '/');
    const slashes = slashesIn(request.url);
    if (slashes === 'cut at the front') request.url = request.url.replace(/^\/+/, '/');
    const cleanUrl = slashes === 'redirected' ? withoutDoubledSlashes(request.url) : undefined;
    if (cleanUrl !== undefined) {
      response.statusCode = 301;
      response.setHeader('Location', cleanUrl);
      response.end();
      return;
    }
    if (request.url.includes('%') && !isDecodable(request.url)) {
      next(new Failure('path-malformed', 'The path or query is not correctly percent-encoded.'));
      return;
    }
    next();
  };
}

/** The URL to be redirected to; undefined where its path is clean already. */
function withoutDoubledSlashes(url: string): string | undefined {
  const [path = '', ...rest] = url.split('?');
  if (!path.includes('//')) return undefined;
  const query = rest.length > 0 ? `?${rest.join('?')}` : '';
  // Browsers read a backslash as a slash: `/\host` would lead them away.
  return path.replaceAll('\\', '%5C').replace(/\/{2,}/g, '/') + query;
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    // decodeURIComponent has no other way to say that the text is malformed
    return false;
  }
}
