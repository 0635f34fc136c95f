import { Router } from 'express';
import type { Request, RequestHandler } from 'express';
import { Failure } from '../failure.js';
import type { AccessStore } from '../governance/access-store.js';
import type { ViewedAccess } from '../governance/access-view.js';
import { accessUnknown } from '../governance/access.js';
import { accessIn, allow, orderOf, viewerOf } from '../governance/governance-access.js';
import { readNewRotation } from '../governance/governance-requests.js';
import type { RequestRotation } from '../governance/request-rotation.js';
import { mountPath } from '../http/routing.js';
import { organizationIn } from '../people/organization-access.js';
import { bodyFromForm, orShowAgain } from './form-answers.js';
import { showAccessOverview } from './governance-overview.js';
import type { OverviewEdges } from './governance-overview.js';
import { frameOf, listPath, rotationPath } from './governance-paths.js';
import { fateWords, withLabel } from './governance-words.js';
import { formOf, readSessionForm } from './own-form.js';
import { redirectTo, sendConsolePage } from './page.js';
import { viewerOf as personOf } from './viewer.js';

/** What the pages of accesses need. */
export interface AccessPageEdges extends OverviewEdges {
  readonly accesses: Pick<AccessStore, 'find'>;
  readonly requestRotation: RequestRotation;
  /** How long old certificates work after a reveal where a request says so. */
  readonly graceSeconds: number;
}

/** The organisations of the viewer, the accesses of one, and the asking for new credentials. */
export function makeAccessPages(edges: AccessPageEdges): Router {
  const asMember = allow(edges, 'member');
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/governance', { get: [...edges.guards, chooseOrganization] });
  mountPath(router, '/governance/:organization', {
    get: [
      ...asMember,
      (request, response) => {
        redirectTo(response, listPath(organizationIn(request), 'access'));
      },
    ],
  });
  mountPath(router, '/governance/:organization/access', {
    get: [...asMember, showAccessOverview(edges)],
  });
  mountPath(router, '/governance/:organization/access/:access/request-rotation', {
    get: [
      ...asMember,
      async (request, response) => {
        const viewed = await requireAsker(edges, request);
        const problem = viewed.refusal?.sentence;
        sendConsolePage(request, response, { ...askPage(edges, request, viewed), problem });
      },
    ],
    post: [...asMember, ...readSessionForm(edges.adminUrl), ask(edges)],
  });
  return router;
}

const chooseOrganization: RequestHandler = (request, response) => {
  const { organizations } = personOf(request);
  const [first, ...others] = organizations;
  if (first && others.length === 0) {
    redirectTo(response, listPath(first.id, 'access'));
    return;
  }
  sendConsolePage(request, response, {
    view: 'governance-organizations',
    title: 'Apache Kafka governance operations',
    data: {
      organizations: organizations.map(({ id, name }) => ({ name, href: listPath(id, 'access') })),
    },
  });
};

function ask(edges: AccessPageEdges): RequestHandler {
  return (request, response) =>
    orShowAgain(
      response,
      async () => {
        const asked = readNewRotation(bodyFromForm(request, ['message', 'revoke_old']));
        const order = { ...orderOf(request), accessId: accessIn(request) };
        const rotation = await edges.requestRotation({ ...order, ...asked });
        redirectTo(response, rotationPath(order.organizationId, rotation), 'requested');
      },
      async ({ problem, status }) => {
        const page = askPage(edges, request, await requireAsker(edges, request));
        sendConsolePage(request, response, { ...page, problem: withLabel(problem), status });
      },
    );
}

/** The access of the path, for members of its group. Throws Failure `resource-unknown`, `right-missing`. */
async function requireAsker(edges: AccessPageEdges, request: Request): Promise<ViewedAccess> {
  const organizationId = organizationIn(request);
  const access = await edges.accesses.find({ organizationId, id: accessIn(request) });
  if (!access) throw accessUnknown();
  const [viewed] = await edges.viewAccesses([access], await viewerOf(edges, request));
  if (!viewed) throw accessUnknown();
  const { refusal } = viewed;
  if (refusal?.kind === 'right-missing') throw new Failure(refusal.kind, refusal.sentence);
  return viewed;
}

function askPage({ graceSeconds }: AccessPageEdges, request: Request, viewed: ViewedAccess) {
  const { access, group, active } = viewed;
  const organizationId = organizationIn(request);
  const form = request.method === 'POST' ? formOf(request) : new URLSearchParams();
  return {
    view: 'governance-ask',
    title: 'Request credential rotation',
    ...frameOf(request, 'access', { isWithin: true }),
    data: {
      access,
      group,
      openRequest: active && rotationPath(organizationId, active),
      fates: Object.entries(fateWords(graceSeconds)),
      message: form.get('message') ?? '',
      fate: form.get('revoke_old') ?? 'keep',
      back: listPath(organizationId, 'access'),
    },
  };
}
