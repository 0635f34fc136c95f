import type { RequestHandler } from 'express';
import { Failure } from '../failure.js';
import type { JudgeProxy } from './judge-proxy.js';

/**
 * Keeps plain HTTP away from a listener that stands behind proxies: a proxy must not forward what came to it without
 * TLS, and where the listener itself has none, only proxies may come, and must say that theirs had.
 */
export function requireHttps(edges: {
  readonly judgeProxy: JudgeProxy;
  /** Whether the listener itself ends TLS. */
  readonly hasTls: boolean;
}): RequestHandler {
  return (request, _response, next) => {
    const isProxy = edges.judgeProxy(request) === 'trusted';
    if (!isProxy && !edges.hasTls) {
      throw new Failure(
        'https-required',
        'This listener answers the proxies of EVERLEAF_ADMIN_PROXIES alone.',
      );
    }
    const schemes = request.headersDistinct['x-forwarded-proto'];
    const isHttps = schemes?.join(',').split(',').every(isHttpsScheme) ?? edges.hasTls;
    if (isProxy && !isHttps) {
      throw new Failure(
        'https-required',
        'This listener is for HTTPS: the proxy must send X-Forwarded-Proto: https.',
      );
    }
    next();
  };
}

function isHttpsScheme(scheme: string): boolean {
  return scheme.trim().toLowerCase() === 'https';
}
