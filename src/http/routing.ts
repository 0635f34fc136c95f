import type { RequestHandler, Router } from 'express';
import { Failure } from '../failure.js';
import { contextOf } from './request-context.js';

type Method = 'get' | 'post' | 'put' | 'delete';

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
  for (const method of ['get', 'post', 'put', 'delete'] as const) {
    const steps = handlers[method];
    if (steps) router[method](path, ...steps);
  }
}

/** The answer where no path matched. */
export const refuseUnknownPath: RequestHandler = (_request, _response, next) => {
  next(new Failure('not-found', 'Requested resource could not be found.'));
};

/**
 * Judges the path before a router sees it: `//` is answered by a redirect to the clean path, as the original does;
 * percent-encoding that cannot be decoded is refused.
 */
export const cleanPath: RequestHandler = (request, response, next) => {
  const [path = '', ...rest] = request.url.split('?');
  if (path.includes('//')) {
    const query = rest.length > 0 ? `?${rest.join('?')}` : '';
    response.statusCode = 301;
    response.setHeader('Location', path.replace(/\/{2,}/g, '/') + query);
    response.end();
    return;
  }
  if (request.url.includes('%') && !isDecodable(request.url)) {
    next(new Failure('path-malformed', 'The path or query is not correctly percent-encoded.'));
    return;
  }
  next();
};

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    // decodeURIComponent has no other way to say that the text is malformed
    return false;
  }
}
