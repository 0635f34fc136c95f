import { Router } from 'express';
import type { RequestHandler } from 'express';
import { Failure } from '../failure.js';
import { sendJson } from '../http/json-answer.js';
import { mountPath } from '../http/routing.js';
import { callerOf } from './caller.js';
import { organizationIn, requireOrganization } from './organization-access.js';
import { describeOrganization, describePerson } from './organization-answers.js';
import type { OrganizationStore } from './organization-store.js';

/** What the caller sees of organisations: those of which it is a member. */
export function makeOrganizationRoutes({
  store,
  guards,
}: {
  readonly store: OrganizationStore;
  /** Ends with requireCaller. */
  readonly guards: readonly RequestHandler[];
}): Router {
  const router = Router({ strict: true, caseSensitive: true });
  const asMember = [...guards, requireOrganization(store, 'member')];
  mountPath(router, '/v1/organizations', {
    get: [
      ...guards,
      async (request, response) => {
        const organizations = await store.listOf(callerOf(request).userId);
        sendJson(response, 200, { organizations: organizations.map(describeOrganization) });
      },
    ],
  });
  mountPath(router, '/v1/organization/:organization', {
    get: [
      ...asMember,
      async (request, response) => {
        const organization = await store.find(organizationIn(request));
        if (!organization) throw new Failure('resource-unknown', 'Organization not found.');
        sendJson(response, 200, describeOrganization(organization));
      },
    ],
  });
  mountPath(router, '/v1/organization/:organization/user', {
    get: [
      ...asMember,
      async (request, response) => {
        const members = await store.listMembers(organizationIn(request));
        sendJson(response, 200, {
          users: members.map((member) => ({
            ...describePerson(member),
            is_super_admin: member.isAdmin,
          })),
        });
      },
    ],
  });
  return router;
}
