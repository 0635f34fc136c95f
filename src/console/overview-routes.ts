import { Router } from 'express';
import type { RequestHandler } from 'express';
import { mountPath } from '../http/routing.js';
import { sendConsolePage } from './page.js';

/** The first page: what expires next, what needs the viewer, what befell lately. */
export function makeOverviewRoutes(edges: { readonly guards: readonly RequestHandler[] }): Router {
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/', {
    get: [
      ...edges.guards,
      (request, response) => {
        sendConsolePage(request, response, { view: 'overview', title: 'Overview' });
      },
    ],
  });
  return router;
}
