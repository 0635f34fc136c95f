import { Router } from 'express';
import type { Request, RequestHandler } from 'express';
import { Failure } from '../failure.js';
import { sendJson } from '../http/json-answer.js';
import { bodyOf, readBody } from '../http/read-body.js';
import { contextOf } from '../http/request-context.js';
import { mountPath } from '../http/routing.js';
import { callerOf } from './caller.js';
import type { ChangeGroups } from './change-groups.js';
import { readChangedGroup, readChangedMembers, readNewGroup } from './group-requests.js';
import type { Group, GroupStore } from './group-store.js';
import { groupIn, organizationIn, requireOrganization } from './organization-access.js';
import { describeGroup, describePerson } from './organization-answers.js';
import type { OrganizationStore } from './organization-store.js';

interface GroupEdges {
  readonly organizations: Pick<OrganizationStore, 'findMembership'>;
  readonly groups: Pick<GroupStore, 'list' | 'find' | 'listMembers'>;
  readonly changeGroups: ChangeGroups;
  /** Ends with requireCaller. */
  readonly guards: readonly RequestHandler[];
}

type Handlers = Parameters<typeof mountPath>[2];

/** Groups of an organisation: its members see them, its admins change them. */
export function makeGroupRoutes(edges: GroupEdges): Router {
  const router = Router({ strict: true, caseSensitive: true });
  const groupsPath = '/v1/organization/:organization/user-groups';
  mountPath(router, groupsPath, groupListHandlers(edges));
  mountPath(router, `${groupsPath}/:group`, groupHandlers(edges));
  mountPath(router, `${groupsPath}/:group/members`, groupMemberHandlers(edges));
  return router;
}

function groupListHandlers({ groups, changeGroups, ...access }: GroupEdges): Handlers {
  const { asMember, asAdmin } = levels(access);
  return {
    get: [
      ...asMember,
      async (request, response) => {
        const all = await groups.list(organizationIn(request));
        const user_groups = all.map((group) => ({
          ...describeGroup(group),
          member_count: group.memberCount,
        }));
        sendJson(response, 200, { user_groups });
      },
    ],
    post: [
      ...asAdmin,
      readBody,
      async (request, response) => {
        const order = { ...readNewGroup(bodyOf(request)), ...placeOf(request) };
        sendJson(response, 200, describeGroup(await changeGroups.create(order)));
      },
    ],
  };
}

function groupHandlers({ groups, changeGroups, ...access }: GroupEdges): Handlers {
  const { asMember, asAdmin } = levels(access);
  return {
    get: [
      ...asMember,
      async (request, response) => {
        sendJson(response, 200, describeGroup(await requireGroup(groups, request)));
      },
    ],
    patch: [
      ...asAdmin,
      readBody,
      async (request, response) => {
        const order = { ...readChangedGroup(bodyOf(request)), ...groupPlaceOf(request) };
        sendJson(response, 200, describeGroup(await changeGroups.change(order)));
      },
    ],
    delete: [
      ...asAdmin,
      async (request, response) => {
        await changeGroups.remove(groupPlaceOf(request));
        sendJson(response, 200, {});
      },
    ],
  };
}

function groupMemberHandlers({ groups, changeGroups, ...access }: GroupEdges): Handlers {
  const { asMember, asAdmin } = levels(access);
  return {
    get: [
      ...asMember,
      async (request, response) => {
        const { id } = await requireGroup(groups, request);
        sendJson(response, 200, { members: (await groups.listMembers(id)).map(describePerson) });
      },
    ],
    patch: [
      ...asAdmin,
      readBody,
      async (request, response) => {
        const order = { ...readChangedMembers(bodyOf(request)), ...groupPlaceOf(request) };
        await changeGroups.changeMembers(order);
        sendJson(response, 200, {});
      },
    ],
  };
}

function levels({ organizations, guards }: Pick<GroupEdges, 'organizations' | 'guards'>) {
  return {
    asMember: [...guards, requireOrganization(organizations, 'member')],
    asAdmin: [...guards, requireOrganization(organizations, 'admin')],
  };
}

async function requireGroup(groups: Pick<GroupStore, 'find'>, request: Request): Promise<Group> {
  const group = await groups.find(organizationIn(request), groupIn(request));
  if (group) return group;
  throw new Failure('resource-unknown', 'Group not found.');
}

function placeOf(request: Request) {
  return {
    organizationId: organizationIn(request),
    actor: `user:${callerOf(request).email}`,
    requestId: contextOf(request).requestId,
  };
}

function groupPlaceOf(request: Request) {
  return { ...placeOf(request), groupId: groupIn(request) };
}
