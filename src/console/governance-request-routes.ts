import { Router } from 'express';
import type { Request, RequestHandler } from 'express';
import type { DecideRotation, RotationOrder } from '../governance/decide-rotation.js';
import { accessIn, allow, orderOf, rotationIn, viewerOf } from '../governance/governance-access.js';
import type { GovernanceAccess } from '../governance/governance-access.js';
import { readApproval, readDeclination } from '../governance/governance-requests.js';
import type { ProvideCredentials } from '../governance/provide-credentials.js';
import type { RotationView, ViewRotation } from '../governance/rotation-view.js';
import { mountPath } from '../http/routing.js';
import { organizationIn } from '../people/organization-access.js';
import { bodyFromForm, orShowAgain } from './form-answers.js';
import { credentialsPath, frameOf, rotationPath } from './governance-paths.js';
import {
  credentialsWords,
  fateWords,
  saidWords,
  stateWords,
  withLabel,
} from './governance-words.js';
import { formOf, readSessionForm } from './own-form.js';
import { redirectTo, sendConsolePage } from './page.js';
import type { Page } from './page.js';
import { saidIn } from './query.js';

/** What the page of a request needs. */
export interface RequestPageEdges extends GovernanceAccess {
  readonly viewRotation: ViewRotation;
  readonly decideRotation: DecideRotation;
  readonly provideCredentials: ProvideCredentials;
  /** How long old certificates work after a reveal where a request says so. */
  readonly graceSeconds: number;
  readonly adminUrl: string;
}

const requestPath = '/governance/:organization/access/:access/rotations/:rotation';

/** One request: all that an approval binds, and what the viewer may do about it. */
export function makeRequestPages(edges: RequestPageEdges): Router {
  const { decideRotation, provideCredentials } = edges;
  const asMember = allow(edges, 'member');
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, requestPath, {
    get: [
      ...asMember,
      async (request, response) => {
        const page = await requestPage(edges, request);
        const said = saidIn(request, saidWords);
        sendConsolePage(request, response, { ...page, said });
      },
    ],
  });
  const step = (name: string, work: (request: Request) => Promise<string | undefined>) => {
    const form = [...asMember, ...readSessionForm(edges.adminUrl)];
    mountPath(router, `${requestPath}/${name}`, { post: [...form, take(edges, work)] });
  };
  step('approve', async (request) => {
    const approval = readApproval(bodyFromForm(request, ['digest']));
    await decideRotation.approve({ ...rotationOrderOf(request), ...approval });
    const { state } = await provideCredentials(rotationOrderOf(request));
    return state === 'approved' ? 'approved' : undefined;
  });
  step('decline', async (request) => {
    const declination = readDeclination(bodyFromForm(request, ['reason']));
    await decideRotation.decline({ ...rotationOrderOf(request), ...declination });
    return 'declined';
  });
  step('delete', async (request) => {
    await decideRotation.withdraw(rotationOrderOf(request));
    return 'deleted';
  });
  return router;
}

/** The request of the path, and who does something about it. */
export function rotationOrderOf(request: Request): RotationOrder {
  return { ...orderOf(request), accessId: accessIn(request), rotationId: rotationIn(request) };
}

function take(
  edges: RequestPageEdges,
  work: (request: Request) => Promise<string | undefined>,
): RequestHandler {
  return (request, response) =>
    orShowAgain(
      response,
      async () => {
        const said = await work(request);
        const place = { accessId: accessIn(request), id: rotationIn(request) };
        redirectTo(response, rotationPath(organizationIn(request), place), said);
      },
      async ({ problem, status }) => {
        const page = await requestPage(edges, request);
        sendConsolePage(request, response, { ...page, problem: withLabel(problem), status });
      },
    );
}

async function requestPage(edges: RequestPageEdges, request: Request): Promise<Page> {
  const view = await edges.viewRotation(rotationOrderOf(request), await viewerOf(edges, request));
  const { rotation, ground, may } = view;
  const organizationId = organizationIn(request);
  const form = request.method === 'POST' ? formOf(request) : new URLSearchParams();
  return {
    view: 'governance-request',
    title: `Rotate credentials of ${ground.access.user.username}`,
    ...frameOf(request, may.decide ? 'approvals' : 'requests', { isWithin: true }),
    data: {
      ...view,
      ...wordsOf(view, edges),
      mayApprove: may.decide && view.refusal === undefined,
      here: rotationPath(organizationId, rotation),
      review: may.reveal ? credentialsPath(organizationId, rotation) : undefined,
      reason: form.get('reason') ?? '',
    },
  };
}

function wordsOf({ rotation }: RotationView, { graceSeconds }: RequestPageEdges) {
  const { state, credentials, revokeOld } = rotation;
  return {
    state: stateWords[state],
    credentials: credentials && credentialsWords[credentials.state],
    fate: fateWords(graceSeconds)[revokeOld],
  };
}
