import { Router } from 'express';
import type { Request } from 'express';
import { sendJson } from '../http/json-answer.js';
import { bodyOf, readBody } from '../http/read-body.js';
import { addressOf } from '../http/request-context.js';
import { mountPath } from '../http/routing.js';
import type { DecideRotation } from './decide-rotation.js';
import { accessIn, allow, orderOf, rotationIn, viewerOf } from './governance-access.js';
import { readApproval, readDeclination, readNewRotation } from './governance-requests.js';
import type { ProvideCredentials } from './provide-credentials.js';
import type { RequestRotation } from './request-rotation.js';
import type { RevealCredentials } from './reveal-credentials.js';
import { describeRevealed, describeRotation, describeView } from './rotation-answers.js';
import { showRotationsOfAccess } from './rotation-list-routes.js';
import type { RotationListEdges } from './rotation-list-routes.js';
import type { ViewRotation } from './rotation-view.js';

interface RotationEdges extends RotationListEdges {
  readonly requestRotation: RequestRotation;
  readonly decideRotation: DecideRotation;
  readonly provideCredentials: ProvideCredentials;
  readonly revealCredentials: RevealCredentials;
  readonly viewRotation: ViewRotation;
}

const rotationsPath = '/v1/organization/:organization/governance/access/:access/rotations';

/** Requests for new credentials, from the asking to the one reveal. */
export function makeRotationRoutes(edges: RotationEdges): Router {
  const { requestRotation, decideRotation, viewRotation } = edges;
  const asMember = allow(edges, 'member');
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, rotationsPath, {
    get: [...asMember, showRotationsOfAccess(edges)],
    post: [
      ...asMember,
      readBody,
      async (request, response) => {
        const order = { ...orderOf(request), accessId: accessIn(request) };
        const rotation = await requestRotation({ ...order, ...readNewRotation(bodyOf(request)) });
        sendJson(response, 200, { rotation: describeRotation(rotation) });
      },
    ],
  });
  mountPath(router, `${rotationsPath}/:rotation`, {
    get: [
      ...asMember,
      async (request, response) => {
        const view = await viewRotation(rotationOrderOf(request), await viewerOf(edges, request));
        sendJson(response, 200, { rotation: describeView(view) });
      },
    ],
    delete: [
      ...asMember,
      async (request, response) => {
        const rotation = await decideRotation.withdraw(rotationOrderOf(request));
        sendJson(response, 200, { rotation: describeRotation(rotation) });
      },
    ],
  });
  mountDecisions(router, edges);
  mountPath(router, `${rotationsPath}/:rotation/reveal`, {
    post: [
      ...asMember,
      async (request, response) => {
        const order = { ...rotationOrderOf(request), address: addressOf(request) };
        sendJson(response, 200, describeRevealed(await edges.revealCredentials(order)));
      },
    ],
  });
  return router;
}

/** What another member does about a request. */
function mountDecisions(router: Router, edges: RotationEdges): void {
  const { decideRotation, provideCredentials } = edges;
  const asMember = allow(edges, 'member');
  mountPath(router, `${rotationsPath}/:rotation/approve`, {
    post: [
      ...asMember,
      readBody,
      async (request, response) => {
        const order = rotationOrderOf(request);
        await decideRotation.approve({ ...order, ...readApproval(bodyOf(request)) });
        sendJson(response, 200, { rotation: describeRotation(await provideCredentials(order)) });
      },
    ],
  });
  mountPath(router, `${rotationsPath}/:rotation/decline`, {
    post: [
      ...asMember,
      readBody,
      async (request, response) => {
        const order = { ...rotationOrderOf(request), ...readDeclination(bodyOf(request)) };
        const rotation = await decideRotation.decline(order);
        sendJson(response, 200, { rotation: describeRotation(rotation) });
      },
    ],
  });
}

function rotationOrderOf(request: Request) {
  return {
    ...orderOf(request),
    accessId: accessIn(request),
    rotationId: rotationIn(request),
  };
}
