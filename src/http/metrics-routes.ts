import { Router } from 'express';
import type { RequestHandler } from 'express';
import type { Metrics } from './metrics.js';
import { mountPath } from './routing.js';

/** `/metrics` in Prometheus's text format, behind `guards`. */
export function makeMetricsRoutes(metrics: Metrics, guards: readonly RequestHandler[]): Router {
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/metrics', {
    get: [
      ...guards,
      async (_request, response) => {
        const { contentType, text } = await metrics.render();
        response.setHeader('Content-Type', contentType);
        response.end(text);
      },
    ],
  });
  return router;
}
