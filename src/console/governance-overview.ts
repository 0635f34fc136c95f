import type { RequestHandler } from 'express';
import { cursorsOf, readAccessQuery } from '../governance/access-list-requests.js';
import type { ListAccesses } from '../governance/access-list-store.js';
import type { ViewAccesses, ViewedAccess } from '../governance/access-view.js';
import { viewerOf } from '../governance/governance-access.js';
import type { GovernanceAccess } from '../governance/governance-access.js';
import type { GroupStore } from '../people/group-store.js';
import { organizationIn } from '../people/organization-access.js';
import { orShowAgain } from './form-answers.js';
import { askPath, credentialsPath, frameOf, listPath, rotationPath } from './governance-paths.js';
import { credentialsWords, withLabel } from './governance-words.js';
import { sendConsolePage } from './page.js';
import { queryText, queryWord, withQuery } from './query.js';

/** What the Access overview needs. */
export interface OverviewEdges extends GovernanceAccess {
  readonly listAccesses: ListAccesses;
  readonly viewAccesses: ViewAccesses;
  readonly groups: Pick<GroupStore, 'list'>;
  readonly adminUrl: string;
}

/** The accesses of an organisation, by topic and group; its members see them all. */
export function showAccessOverview(edges: OverviewEdges): RequestHandler {
  return async (request, response) => {
    const organizationId = organizationIn(request);
    const [topic, group] = [queryText(request, 'topic'), queryText(request, 'group')];
    const path = listPath(organizationId, 'access');
    const page = {
      view: 'governance-accesses',
      title: 'Access overview',
      ...frameOf(request, 'access'),
    };
    const data = {
      path,
      organizationId,
      adminUrl: edges.adminUrl,
      groups: await edges.groups.list(organizationId),
      topic,
      group,
      isFiltered: topic !== '' || group !== '',
      rows: [],
    };
    await orShowAgain(
      response,
      async () => {
        const query = readAccessQuery({
          resource_name: queryWord(request, 'topic'),
          owner_user_group_id: queryWord(request, 'group'),
          cursor: request.query['cursor'],
        });
        const found = await edges.listAccesses({ ...query, organizationId });
        const viewed = await edges.viewAccesses(found.accesses, await viewerOf(edges, request));
        const rows = viewed.map((access) => rowOf(access, organizationId));
        const { prev, next } = cursorsOf(found);
        const at = (cursor: string | null) =>
          cursor === null ? undefined : withQuery(path, { topic, group, cursor });
        const places = { total: found.total, earlier: at(prev), later: at(next) };
        sendConsolePage(request, response, { ...page, data: { ...data, ...places, rows } });
      },
      ({ problem, status }) => {
        const refused = { problem: withLabel(problem), status };
        sendConsolePage(request, response, { ...page, ...refused, data });
      },
    );
  };
}

const topicsShown = 5;

function rowOf(viewed: ViewedAccess, organizationId: string) {
  const { access, group, credentials, active, maySeeRequests } = viewed;
  const topics = new Map<string, string[]>();
  for (const { resourceName, operation } of access.acls) {
    const operations = topics.get(resourceName) ?? [];
    topics.set(resourceName, [...new Set([...operations, operation])]);
  }
  const all = Array.from(topics, ([name, operations]) => ({
    name,
    operations: operations.join(', '),
  }));
  return {
    name: access.name,
    user: access.user,
    topics: all.slice(0, topicsShown),
    moreTopics: Math.max(0, all.length - topicsShown),
    groupName: group.name,
    isAsked: active !== undefined,
    openRequest: active && maySeeRequests ? rotationPath(organizationId, active) : undefined,
    credentials: credentials && credentialsWords[credentials.state],
    actions: actionsOf(viewed, organizationId),
  };
}

/** What the viewer may do about an access: who may do nothing gets no menu. */
function actionsOf(viewed: ViewedAccess, organizationId: string) {
  const { access, active, toReveal, refusal } = viewed;
  const mayAsk = refusal?.kind !== 'right-missing' && !active;
  return [
    ...(mayAsk
      ? [{ text: 'Request credential rotation', href: askPath(organizationId, access.id) }]
      : []),
    ...(toReveal
      ? [{ text: 'Review credentials', href: credentialsPath(organizationId, toReveal) }]
      : []),
    ...(active && viewed.maySeeRequests
      ? [{ text: 'Open the request', href: rotationPath(organizationId, active) }]
      : []),
  ];
}
