import { Router } from 'express';
import type { Request, RequestHandler } from 'express';
import { sendJson } from '../http/json-answer.js';
import { bodyOf, readBody } from '../http/read-body.js';
import { mountPath } from '../http/routing.js';
import type { ChangeMembers } from './change-members.js';
import type { InvitationStore } from './invitation-store.js';
import type { MemberStore } from './member-store.js';
import { projectIn, requireProjectRight } from './project-access.js';
import type { FindRole } from './project-access.js';
import { describeInvitation, describeMember } from './project-answers.js';
import { readChangedMember, readInvitation } from './project-requests.js';
import { originOf } from './project-routes.js';

interface MemberEdges {
  readonly members: Pick<MemberStore, 'list'>;
  readonly invitations: Pick<InvitationStore, 'list'>;
  readonly changeMembers: ChangeMembers;
  readonly findRole: FindRole;
  /** Ends with requireCaller. */
  readonly guards: readonly RequestHandler[];
}

/** Who belongs to a project. */
export function makeMemberRoutes(edges: MemberEdges): Router {
  const { members, invitations, changeMembers, findRole, guards } = edges;
  const router = Router({ strict: true, caseSensitive: true });
  const toWrite = [...guards, requireProjectRight(findRole, 'members:write')];
  mountPath(router, '/v1/project/:project/users', {
    get: [
      ...guards,
      requireProjectRight(findRole, 'project:read'),
      async (request, response) => {
        const project = projectIn(request);
        sendJson(response, 200, {
          users: (await members.list(project)).map(describeMember),
          invitations: (await invitations.list(project)).map(describeInvitation),
        });
      },
    ],
  });
  mountPath(router, '/v1/project/:project/invite', {
    post: [
      ...toWrite,
      readBody,
      async (request, response) => {
        const { email, role } = readInvitation(bodyOf(request));
        const order = { project: projectIn(request), email, role, ...originOf(request) };
        const message = wordsFor(email, await changeMembers.invite(order));
        sendJson(response, 200, { message });
      },
    ],
  });
  mountPath(router, '/v1/project/:project/invite/:email', {
    delete: [
      ...toWrite,
      async (request, response) => {
        await changeMembers.withdrawInvitation(orderIn(request));
        sendJson(response, 200, {});
      },
    ],
  });
  mountPath(router, '/v1/project/:project/user/:email', {
    put: [
      ...toWrite,
      readBody,
      async (request, response) => {
        const { role } = readChangedMember(bodyOf(request));
        await changeMembers.changeRole({ ...orderIn(request), role });
        sendJson(response, 200, {});
      },
    ],
    delete: [
      ...toWrite,
      async (request, response) => {
        await changeMembers.remove(orderIn(request));
        sendJson(response, 200, {});
      },
    ],
  });
  return router;
}

function wordsFor(email: string, became: 'member' | 'invited'): string {
  return became === 'member'
    ? `${email} is a member now.`
    : `${email} is invited and becomes a member when it signs in.`;
}

function orderIn(request: Request) {
  const email = request.params['email'];
  if (typeof email !== 'string') throw new Error('the route names no address');
  return { project: projectIn(request), email, ...originOf(request) };
}
