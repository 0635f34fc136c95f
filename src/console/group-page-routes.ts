import { Router } from 'express';
import type { Request, RequestHandler, Response } from 'express';
import { Failure } from '../failure.js';
import { mountPath } from '../http/routing.js';
import type { ChangeGroups } from '../people/change-groups.js';
import { readChangedMembers, readNewGroup } from '../people/group-requests.js';
import type { GroupStore } from '../people/group-store.js';
import { groupIn, organizationIn, requireOrganization } from '../people/organization-access.js';
import type { OrganizationStore } from '../people/organization-store.js';
import { consolePath } from './console-urls.js';
import { originOf } from '../credentials/project-routes.js';
import { orShowAgain } from './form-answers.js';
import { saidIn } from './query.js';
import type { Refused } from './form-answers.js';
import { formOf, readSessionForm } from './own-form.js';
import { redirectTo, sendConsolePage } from './page.js';

interface GroupPageEdges {
  readonly organizations: Pick<OrganizationStore, 'find' | 'findMembership' | 'listMembers'>;
  readonly groups: Pick<GroupStore, 'list' | 'find' | 'listMembers'>;
  readonly changeGroups: ChangeGroups;
  readonly adminUrl: string;
  /** Ends with requireViewer. */
  readonly guards: readonly RequestHandler[];
}

const sentences = {
  created: 'The group is made. Add its members.',
  changed: 'The members are changed.',
  deleted: 'The group is deleted.',
};

/** Members and groups of an organisation, for its admins. */
export function makeGroupPages(edges: GroupPageEdges): Router {
  const { organizations, changeGroups, adminUrl, guards } = edges;
  const asAdmin = [...guards, requireOrganization(organizations, 'admin')];
  const posted = [...asAdmin, ...readSessionForm(adminUrl)];
  const router = Router({ strict: true, caseSensitive: true });
  const page = '/people/organizations/:organization';
  mountPath(router, page, {
    get: [...asAdmin, (request, response) => showAll(edges, request, response)],
  });
  mountPath(router, `${page}/groups`, {
    post: form(posted, edges, showAll, async (request) => {
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
    post: form(posted, edges, showGroup, async (request) => {
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
    post: form(posted, edges, showGroup, async (request) => {
      await changeGroups.remove({ groupId: groupIn(request), ...placeOf(request) });
      return [organizationPath(request), 'deleted'];
    }),
  });
  return router;
}

type Show = (
  edges: GroupPageEdges,
  request: Request,
  response: Response,
  refused?: Refused,
) => Promise<void>;

/** Does what was posted and leads on to a page that says so, or shows the one before again. */
function form(
  steps: readonly RequestHandler[],
  edges: GroupPageEdges,
  show: Show,
  act: (request: Request) => Promise<readonly [path: string, said: string]>,
): RequestHandler[] {
  return [
    ...steps,
    async (request, response) => {
      await orShowAgain(
        response,
        async () => {
          redirectTo(response, ...(await act(request)));
        },
        (refused) => show(edges, request, response, refused),
      );
    },
  ];
}

const showAll: Show = async ({ organizations, groups }, request, response, refused) => {
  const id = organizationIn(request);
  const organization = await organizations.find(id);
  if (!organization) throw new Failure('resource-unknown', 'Organization not found.');
  sendConsolePage(request, response, {
    view: 'organization',
    title: organization.name,
    trail: [{ text: 'People', href: '/people' }],
    said: saidIn(request, sentences),
    ...refused,
    data: {
      organization,
      members: await organizations.listMembers(id),
      groups: await groups.list(id),
      typed: refused
        ? { name: typed(request, 'name'), description: typed(request, 'description') }
        : { name: '', description: '' },
    },
  });
};

const showGroup: Show = async ({ organizations, groups }, request, response, refused) => {
  const id = organizationIn(request);
  const [organization, group] = [
    await organizations.find(id),
    await groups.find(id, groupIn(request)),
  ];
  if (!organization || !group) throw new Failure('resource-unknown', 'Group not found.');
  const members = await groups.listMembers(group.id);
  const inside = new Set(members.map(({ userId }) => userId));
  const all = await organizations.listMembers(id);
  sendConsolePage(request, response, {
    view: 'group',
    title: group.name,
    trail: [
      { text: 'People', href: '/people' },
      { text: organization.name, href: organizationPath(request) },
    ],
    said: saidIn(request, sentences),
    ...refused,
    data: {
      group,
      path: groupPath(request, group.id),
      members,
      others: all.filter(({ userId }) => !inside.has(userId)),
    },
  });
};

function typed(request: Request, name: string): string {
  return (formOf(request).get(name) ?? '').trim();
}

function placeOf(request: Request) {
  return { organizationId: organizationIn(request), ...originOf(request) };
}

function organizationPath(request: Request): string {
  return consolePath`/people/organizations/${organizationIn(request)}`;
}

function groupPath(request: Request, group: string): string {
  return `${organizationPath(request)}${consolePath`/groups/${group}`}`;
}
