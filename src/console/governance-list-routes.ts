import { Router } from 'express';
import type { Request, RequestHandler } from 'express';
import type { Clock } from '../edges.js';
import { allow, viewerOf } from '../governance/governance-access.js';
import type { GovernanceAccess } from '../governance/governance-access.js';
import { readRotationQuery, writeRotationCursor } from '../governance/rotation-list-requests.js';
import type {
  ListedRotation,
  ListRotations,
  RotationPage,
} from '../governance/rotation-list-store.js';
import { rotationStates } from '../governance/rotation-policy.js';
import { cutPage } from '../http/cut-page.js';
import { mountPath } from '../http/routing.js';
import type { GroupStore } from '../people/group-store.js';
import { organizationIn } from '../people/organization-access.js';
import { orShowAgain } from './form-answers.js';
import { credentialsPath, frameOf, listPath, rotationPath } from './governance-paths.js';
import { credentialsWords, stateWords, withLabel } from './governance-words.js';
import { sendConsolePage } from './page.js';
import { queryText, queryWord, withQuery } from './query.js';

/** What the lists of requests need. */
export interface RequestListEdges extends GovernanceAccess {
  readonly listRotations: ListRotations;
  readonly groups: Pick<GroupStore, 'list'>;
  readonly clock: Clock;
}

const onAPage = '50';

/** What waits for the viewer's decision, and all requests of the viewer's groups. */
export function makeRequestLists(edges: RequestListEdges): Router {
  const asMember = allow(edges, 'member');
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/governance/:organization/approvals', {
    get: [
      ...asMember,
      async (request, response) => {
        const cursor = queryWord(request, 'cursor');
        const found = await find(edges, request, { scope: 'mine-to-decide', query: { cursor } });
        sendConsolePage(request, response, {
          view: 'governance-approvals',
          title: 'Approvals',
          ...frameOf(request, 'approvals'),
          data: { ...found, requests: listPath(organizationIn(request), 'requests') },
        });
      },
    ],
  });
  mountPath(router, '/governance/:organization/requests', {
    get: [...asMember, showGroupRequests(edges)],
  });
  return router;
}

function showGroupRequests(edges: RequestListEdges): RequestHandler {
  return async (request, response) => {
    const organizationId = organizationIn(request);
    const path = listPath(organizationId, 'requests');
    const asked = filterOf(request);
    const page = {
      view: 'governance-requests',
      title: 'Group requests',
      ...frameOf(request, 'requests'),
    };
    const data = {
      ...asked,
      path,
      overview: listPath(organizationId, 'access'),
      states: rotationStates.map((one) => ({ state: one, text: stateWords[one].text })),
      groups: await edges.groups.list(organizationId),
      isFiltered: Object.values(asked).some((text) => text !== ''),
      rows: [],
    };
    await orShowAgain(
      response,
      async () => {
        const query = {
          state: queryWord(request, 'state'),
          access_name: queryWord(request, 'access'),
          owner_user_group_id: queryWord(request, 'group'),
          cursor: queryWord(request, 'cursor'),
        };
        const found = await find(edges, request, { scope: 'all', query });
        sendConsolePage(request, response, { ...page, data: { ...data, ...found } });
      },
      ({ problem, status }) => {
        const refused = { problem: withLabel(problem), status };
        sendConsolePage(request, response, { ...page, ...refused, data });
      },
    );
  };
}

async function find(
  edges: RequestListEdges,
  request: Request,
  {
    scope,
    query,
  }: {
    readonly scope: RotationPage['scope'];
    readonly query: Readonly<Record<string, string | undefined>>;
  },
) {
  const organizationId = organizationIn(request);
  const asked = readRotationQuery({ query: { ...query, limit: onAPage } });
  const found = await edges.listRotations({
    ...asked,
    organizationId,
    viewer: await viewerOf(edges, request),
    scope,
    now: edges.clock(),
    limit: asked.limit + 1,
  });
  const { rows, last } = cutPage(found, asked.limit);
  return {
    rows: rows.map((listed) => rowOf(listed, organizationId)),
    older:
      last &&
      withQuery(request.path, {
        ...filterOf(request),
        cursor: writeRotationCursor(last.rotation),
      }),
  };
}

/** What the viewer looks for, as it was typed. */
function filterOf(request: Request) {
  return {
    state: queryText(request, 'state'),
    access: queryText(request, 'access'),
    group: queryText(request, 'group'),
  };
}

function rowOf(listed: ListedRotation, organizationId: string) {
  const { rotation, may } = listed;
  return {
    ...listed,
    href: rotationPath(organizationId, rotation),
    state: stateWords[rotation.state],
    credentials: rotation.credentials && credentialsWords[rotation.credentials.state],
    review: may.reveal ? credentialsPath(organizationId, rotation) : undefined,
  };
}
