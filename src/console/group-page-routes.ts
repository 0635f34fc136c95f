import { Router } from 'express';
import type { Request, RequestHandler } from 'express';
import { originOf } from '../credentials/project-routes.js';
import { mountPath } from '../http/routing.js';
import type { ChangeGroups } from '../people/change-groups.js';
import { readChangedMembers, readNewGroup } from '../people/group-requests.js';
import { groupIn, organizationIn, requireOrganization } from '../people/organization-access.js';
import { answerForm } from './form-answers.js';
import { groupPath, organizationPath, showGroup, showOrganization, typed } from './group-pages.js';
import type { GroupPageStores } from './group-pages.js';
import { formOf, readSessionForm } from './own-form.js';

interface GroupPageEdges extends GroupPageStores {
  readonly changeGroups: ChangeGroups;
  readonly adminUrl: string;
  /** Ends with requireViewer. */
  readonly guards: readonly RequestHandler[];
}

/** Members and groups of an organisation, for its admins. */
export function makeGroupPages(edges: GroupPageEdges): Router {
  const { organizations, changeGroups, adminUrl, guards } = edges;
  const asAdmin = [...guards, requireOrganization(organizations, 'admin')];
  const posted = [...asAdmin, ...readSessionForm(adminUrl)];
  const form = (show: typeof showGroup, act: Parameters<typeof answerForm>[0]) => [
    ...posted,
    answerForm(act, (...shown) => show(edges, ...shown)),
  ];
  const router = Router({ strict: true, caseSensitive: true });
  const page = '/people/organizations/:organization';
  mountPath(router, page, {
    get: [...asAdmin, (request, response) => showOrganization(edges, request, response)],
  });
  mountPath(router, `${page}/groups`, {
    post: form(showOrganization, async (request) => {
      const body = {
        user_group_name: typed(request, 'name'),
        description: typed(request, 'description'),
      };
      const order = readNewGroup(Buffer.from(JSON.stringify(body)));
      const group = await changeGroups.create({ ...order, ...placeOf(request) });
      return [groupPath(request, group.id), 'created'];
    }),
  });
  mountPath(router, `${page}/groups/:group`, {
    get: [...asAdmin, (request, response) => showGroup(edges, request, response)],
  });
  mountPath(router, `${page}/groups/:group/members`, {
    post: form(showGroup, async (request) => {
      const { organizationId, ...origin } = placeOf(request);
      const body = {
        operation: typed(request, 'operation'),
        member_ids: formOf(request).getAll('user'),
      };
      const order = readChangedMembers(Buffer.from(JSON.stringify(body)));
      await changeGroups.changeMembers({
        ...order,
        organizationId,
        groupId: groupIn(request),
        ...origin,
      });
      return [groupPath(request, groupIn(request)), 'changed'];
    }),
  });
  mountPath(router, `${page}/groups/:group/delete`, {
    post: form(showGroup, async (request) => {
      await changeGroups.remove({ groupId: groupIn(request), ...placeOf(request) });
      return [organizationPath(request), 'deleted'];
    }),
  });
  return router;
}

function placeOf(request: Request) {
  return { organizationId: organizationIn(request), ...originOf(request) };
}
