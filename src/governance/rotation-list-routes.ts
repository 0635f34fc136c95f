import { Router } from 'express';
import type { Request, RequestHandler } from 'express';
import type { Clock } from '../edges.js';
import { sendJson } from '../http/json-answer.js';
import { cutPage } from '../http/cut-page.js';
import { mountPath } from '../http/routing.js';
import { organizationIn } from '../people/organization-access.js';
import { accessIn, allow, viewerOf } from './governance-access.js';
import type { GovernanceAccess } from './governance-access.js';
import { describeListed } from './rotation-answers.js';
import { readRotationQuery, writeRotationCursor } from './rotation-list-requests.js';
import type { ListRotations, RotationPage } from './rotation-list-store.js';
import type { RequireAccessViewer } from './rotation-view.js';

/** What the lists of requests need. */
export interface RotationListEdges extends GovernanceAccess {
  readonly listRotations: ListRotations;
  readonly requireAccessViewer: RequireAccessViewer;
  readonly clock: Clock;
}

const governancePath = '/v1/organization/:organization/governance';

/** The requests of an organisation that the caller may see, and those that wait for the caller's decision. */
export function makeRotationListRoutes(edges: RotationListEdges): Router {
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, `${governancePath}/rotations`, {
    get: [...allow(edges, 'member'), showPage(edges, 'all')],
  });
  mountPath(router, `${governancePath}/approvals`, {
    get: [...allow(edges, 'member'), showPage(edges, 'mine-to-decide')],
  });
  return router;
}

/** The requests of the access of the path. */
export function showRotationsOfAccess(edges: RotationListEdges): RequestHandler {
  return async (request, response) => {
    const organizationId = organizationIn(request);
    const accessId = accessIn(request);
    await edges.requireAccessViewer({ organizationId, accessId }, await viewerOf(edges, request));
    const page = await readPage(edges, request, 'all');
    const filter = { ...page.filter, accessId };
    sendJson(response, 200, await answerOf(edges, { ...page, filter }));
  };
}

function showPage(edges: RotationListEdges, scope: RotationPage['scope']): RequestHandler {
  return async (request, response) => {
    sendJson(response, 200, await answerOf(edges, await readPage(edges, request, scope)));
  };
}

async function readPage(
  edges: RotationListEdges,
  request: Request,
  scope: RotationPage['scope'],
): Promise<RotationPage> {
  return {
    ...readRotationQuery(request),
    organizationId: organizationIn(request),
    viewer: await viewerOf(edges, request),
    scope,
    now: edges.clock(),
  };
}

async function answerOf({ listRotations }: RotationListEdges, page: RotationPage): Promise<object> {
  const found = await listRotations({ ...page, limit: page.limit + 1 });
  const { rows, last } = cutPage(found, page.limit);
  return {
    rotations: rows.map(describeListed),
    next_cursor: last ? writeRotationCursor(last.rotation) : null,
  };
}
