import { Router } from 'express';
import type { RequestHandler } from 'express';
import type { ApplicationStore } from '../connector/application-store.js';
import type { Mode } from '../connector/client.js';
import type { Clock } from '../edges.js';
import { cutPage } from '../http/cut-page.js';
import { mountPath } from '../http/routing.js';
import { readApplicationQuery } from './application-query.js';
import type { ApplicationQuery } from './application-query.js';
import { saidOfApplications, stateBadges, stateNames } from './application-words.js';
import { sendConsolePage } from './page.js';
import { saidIn, withQuery } from './query.js';
import { gatewayRightsOf, mayOnGateway, requireGatewayRight, viewerOf } from './viewer.js';

/** The operations behind the list of applications. */
export interface ApplicationListEdges {
  readonly mode: Mode;
  readonly applications: ApplicationStore;
  readonly clock: Clock;
  readonly guards: readonly RequestHandler[];
}

const pageSize = 50;

/** The list of applications with its search. */
export function makeApplicationListRoutes(edges: ApplicationListEdges): Router {
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/applications', {
    get: [
      ...edges.guards,
      requireListOrIssue,
      async (request, response) => {
        const query = readApplicationQuery(request);
        const rights = gatewayRightsOf(viewerOf(request));
        sendConsolePage(request, response, {
          view: 'applications',
          title: 'Applications',
          said: saidIn(request, saidOfApplications),
          data: {
            query,
            rights,
            mode: edges.mode,
            stateNames,
            stateBadges,
            ...(rights.read ? await findApplications(edges, query) : {}),
          },
        });
      },
    ],
  });
  return router;
}

/** An issuer makes tokens and revokes, and sees no list. */
const requireListOrIssue: RequestHandler = (request, response, next) => {
  const right = mayOnGateway(viewerOf(request), 'create-tokens') ? 'create-tokens' : 'read';
  void requireGatewayRight(right)(request, response, next);
};

async function findApplications(
  { applications, clock }: ApplicationListEdges,
  { text, prefix, digits, state, after }: ApplicationQuery,
) {
  const page = { prefix, state, after, now: clock(), limit: pageSize + 1 };
  const found = await applications.list(page);
  const { rows: shown, last } = cutPage(found, pageSize);
  const pathAt = (place: string | undefined): string =>
    withQuery('/applications', { q: text, state, after: place });
  return {
    shown,
    certificates: digits === undefined ? [] : await applications.findHolders(digits, 10),
    firstPage: after === undefined ? undefined : pathAt(undefined),
    nextPage: last && pathAt(last.holder),
  };
}
