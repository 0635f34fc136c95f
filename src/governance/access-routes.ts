import { Router } from 'express';
import { sendJson } from '../http/json-answer.js';
import { bodyOf, readBody } from '../http/read-body.js';
import { mountPath } from '../http/routing.js';
import { organizationIn } from '../people/organization-access.js';
import { describeAccess } from './access-answers.js';
import type { AccessStore } from './access-store.js';
import { accessUnknown } from './access.js';
import type { ChangeAccesses } from './change-accesses.js';
import { accessIn, allow, orderOf } from './governance-access.js';
import type { GovernanceAccess } from './governance-access.js';
import { readNewAccess } from './governance-requests.js';
import type { FindLatestCredentials } from './latest-credentials.js';

interface AccessEdges extends GovernanceAccess {
  readonly accesses: Pick<AccessStore, 'find'>;
  readonly findLatestCredentials: FindLatestCredentials;
  readonly changeAccesses: ChangeAccesses;
}

const accessPath = '/v1/organization/:organization/governance/access';

/** Accesses: members of the organisation see them, its admins make and delete them. */
export function makeAccessRoutes(edges: AccessEdges): Router {
  const { accesses, findLatestCredentials, changeAccesses } = edges;
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, accessPath, {
    post: [
      ...allow(edges, 'admin'),
      readBody,
      async (request, response) => {
        const order = { ...orderOf(request), ...readNewAccess(bodyOf(request)) };
        const access = await changeAccesses.create(order);
        sendJson(response, 200, { access: describeAccess(access, undefined) });
      },
    ],
  });
  mountPath(router, `${accessPath}/:access`, {
    get: [
      ...allow(edges, 'member'),
      async (request, response) => {
        const id = accessIn(request);
        const access = await accesses.find({ organizationId: organizationIn(request), id });
        if (!access) throw accessUnknown();
        const latest = (await findLatestCredentials([id])).get(id);
        sendJson(response, 200, { access: describeAccess(access, latest) });
      },
    ],
    delete: [
      ...allow(edges, 'admin'),
      async (request, response) => {
        const accessId = accessIn(request);
        await changeAccesses.remove({ ...orderOf(request), accessId });
        sendJson(response, 200, { access_id: accessId });
      },
    ],
  });
  return router;
}
