import type { RequestHandler } from 'express';
import { Failure } from '../failure.js';

/**
 * Keeps web pages away from routes that are for programs: a page cannot hide `Origin` or `Sec-Fetch-Site`, and a
 * rebound name shows in `Host`. `hosts` without ports, lower case.
 */
export function refuseBrowsers(hosts: ReadonlySet<string>): RequestHandler {
  return (request, _response, next) => {
    if (request.headers.origin !== undefined || request.headers['sec-fetch-site'] !== undefined) {
      throw new Failure(
        'browser-request',
        'This API does not serve browsers: call it from a program.',
      );
    }
    judgeHost(hosts, request.headers.host);
    next();
  };
}

/** Serves browsers, but under a name of this gateway alone. */
export function requireOwnHost(hosts: ReadonlySet<string>): RequestHandler {
  return (request, _response, next) => {
    judgeHost(hosts, request.headers.host);
    next();
  };
}

function judgeHost(hosts: ReadonlySet<string>, header: string | undefined): void {
  const host = hostIn(header);
  if (host !== undefined && hosts.has(host)) return;
  throw new Failure('host-unknown', 'The Host header names a host that is not served here.', {
    detail:
      'Call it by a name of the EVERLEAF_..._URL settings, by its listen address, or as localhost.',
  });
}

/** The host of a Host header or of `host:port`, without port and brackets. */
function hostIn(header: string | undefined): string | undefined {
  const [, host] = /^(\[[^\]]+\]|[^:]+)(?::[0-9]+)?$/.exec(header ?? '') ?? [];
  return host?.replace(/^\[|\]$/g, '').toLowerCase();
}
