import { Router } from 'express';
import type { Request, RequestHandler, Response } from 'express';
import type { Clock } from '../edges.js';
import { allow, viewerOf } from '../governance/governance-access.js';
import type { GovernanceAccess } from '../governance/governance-access.js';
import { memberOf } from '../governance/owner-group-store.js';
import type { RevealCredentials } from '../governance/reveal-credentials.js';
import { judgeReveal } from '../governance/reveal-policy.js';
import type { RotationView, ViewRotation } from '../governance/rotation-view.js';
import { addressOf } from '../http/request-context.js';
import { mountPath } from '../http/routing.js';
import { organizationIn } from '../people/organization-access.js';
import { orShowAgain } from './form-answers.js';
import type { Refused } from './form-answers.js';
import { askPath, credentialsPath, frameOf, rotationPath } from './governance-paths.js';
import { rotationOrderOf } from './governance-request-routes.js';
import { fateWords } from './governance-words.js';
import { readSessionForm } from './own-form.js';
import { sendConsolePage } from './page.js';
import { savingOf } from './saved-credentials.js';

/** What the pages of new credentials need. */
export interface CredentialsPageEdges extends GovernanceAccess {
  readonly viewRotation: ViewRotation;
  readonly revealCredentials: RevealCredentials;
  /** How long old certificates work after a reveal where a request says so. */
  readonly graceSeconds: number;
  readonly clock: Clock;
  readonly adminUrl: string;
}

/** The confirmation, and the one answer with everything in it: it is shown once and kept nowhere. */
export function makeCredentialsPages(edges: CredentialsPageEdges): Router {
  const asMember = allow(edges, 'member');
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/governance/:organization/access/:access/rotations/:rotation/credentials', {
    get: [...asMember, confirm(edges)],
    post: [...asMember, ...readSessionForm(edges.adminUrl), reveal(edges)],
  });
  return router;
}

function confirm(edges: CredentialsPageEdges): RequestHandler {
  return async (request, response) => {
    const view = await edges.viewRotation(rotationOrderOf(request), await viewerOf(edges, request));
    const { userId } = rotationOrderOf(request);
    await orShowAgain(
      response,
      () => {
        judgeReveal(view.rotation, {
          userId,
          isMember: memberOf(view.ground.group, userId) !== undefined,
          now: edges.clock(),
        });
        showConfirmation(edges, request, response, view);
        return Promise.resolve();
      },
      (refused) => {
        showRefusal(request, response, { view, refused });
      },
    );
  };
}

function reveal(edges: CredentialsPageEdges): RequestHandler {
  return async (request, response) => {
    const order = rotationOrderOf(request);
    const view = await edges.viewRotation(order, await viewerOf(edges, request));
    await orShowAgain(
      response,
      async () => {
        const revealed = await edges.revealCredentials({ ...order, address: addressOf(request) });
        sendConsolePage(request, response, {
          view: 'governance-save',
          title: 'Save service user credentials',
          ...frameOf(request, 'access', { isWithin: true }),
          data: { ...dataOf(request, view), revealed, ...savingOf(revealed) },
        });
      },
      (refused) => {
        showRefusal(request, response, { view, refused });
      },
    );
  };
}

function showConfirmation(
  { graceSeconds }: CredentialsPageEdges,
  request: Request,
  response: Response,
  view: RotationView,
): void {
  sendConsolePage(request, response, {
    view: 'governance-review',
    title: 'Review credentials',
    ...frameOf(request, 'access', { isWithin: true }),
    data: { ...dataOf(request, view), fate: fateWords(graceSeconds)[view.rotation.revokeOld] },
  });
}

/** What to do where there is nothing to see, or nothing any more. */
function showRefusal(
  request: Request,
  response: Response,
  { view, refused }: { readonly view: RotationView; readonly refused: Refused },
): void {
  sendConsolePage(request, response, {
    view: 'governance-unseen',
    title: 'Review credentials',
    ...frameOf(request, 'access', { isWithin: true }),
    ...refused,
    data: { ...dataOf(request, view), isOver: refused.status === 410 },
  });
}

function dataOf(request: Request, { ground, rotation }: RotationView) {
  const organizationId = organizationIn(request);
  return {
    access: ground.access,
    rotation,
    request: rotationPath(organizationId, rotation),
    here: credentialsPath(organizationId, rotation),
    ask: askPath(organizationId, ground.access.id),
  };
}
