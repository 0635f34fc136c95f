import type { RequestHandler } from 'express';
import type { Log, RandomBytes } from '../edges.js';
import type { ClientAddress } from './client-address.js';
import { beginContext } from './request-context.js';

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']);

/**
 * Begins the context of a request, gives its answer an id, and writes one line when it is over: the route's template
 * and never the path or the query, which carry tokens.
 */
export function logRequests(edges: {
  readonly listener: string;
  readonly log: Log;
  readonly random: RandomBytes;
  readonly clientAddress: ClientAddress;
  readonly observe: (facts: {
    listener: string;
    route: string;
    method: string;
    status: number;
    seconds: number;
  }) => void;
}): RequestHandler {
  const { listener, log, random, clientAddress, observe } = edges;
  return (request, response, next) => {
    const context = beginContext(request, {
      requestId: Buffer.from(random(12)).toString('hex'),
      address: clientAddress(request),
    });
    response.setHeader('X-Request-Id', context.requestId);
    response.once('close', () => {
      const route = context.route ?? 'unmatched';
      const method = methods.has(request.method) ? request.method : 'OTHER';
      const status = response.writableFinished ? response.statusCode : 499;
      const milliseconds = performance.now() - context.startedAt;
      observe({ listener, route, method, status, seconds: milliseconds / 1000 });
      log.info(
        {
          listener,
          requestId: context.requestId,
          method,
          route,
          status,
          ms: Math.round(milliseconds * 10) / 10,
          address: context.address,
          actor: context.actor,
          reason: context.refusal,
        },
        'request',
      );
    });
    next();
  };
}
