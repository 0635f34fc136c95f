import { Router } from 'express';
import type { Request } from 'express';
import type { Service } from '../credentials/service.js';
import { sendJson } from '../http/json-answer.js';
import { bodyOf, readBody } from '../http/read-body.js';
import { mountPath } from '../http/routing.js';
import { sendText } from '../http/text-answer.js';
import { organizationIn } from '../people/organization-access.js';
import { describeAccess } from './access-answers.js';
import { cursorsOf, readAccessQuery } from './access-list-requests.js';
import type { ListAccesses } from './access-list-store.js';
import type { AccessStore } from './access-store.js';
import { accessUnknown } from './access.js';
import type { Access } from './access.js';
import type { ChangeAccesses } from './change-accesses.js';
import { accessIn, allow, orderOf } from './governance-access.js';
import type { GovernanceAccess } from './governance-access.js';
import { readNewAccess } from './governance-requests.js';
import { writeAclScript } from './kafka-acl-script.js';
import type { FindLatestCredentials } from './latest-credentials.js';

interface AccessEdges extends GovernanceAccess {
  readonly accesses: Pick<AccessStore, 'find'>;
  readonly listAccesses: ListAccesses;
  /** Undefined where it was deleted, be there another organisation's of its name. */
  readonly findBroker: (access: Access) => Promise<Service | undefined>;
  readonly findLatestCredentials: FindLatestCredentials;
  readonly changeAccesses: ChangeAccesses;
}

const accessPath = '/v1/organization/:organization/governance/access';

/** Accesses: members of the organisation see them, its admins make and delete them. */
export function makeAccessRoutes(edges: AccessEdges): Router {
  const { accesses, listAccesses, findBroker, findLatestCredentials, changeAccesses } = edges;
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, accessPath, {
    get: [
      ...allow(edges, 'member'),
      async (request, response) => {
        const query = readAccessQuery(request.query);
        const page = await listAccesses({ ...query, organizationId: organizationIn(request) });
        const latest = await findLatestCredentials(page.accesses.map(({ id }) => id));
        const access = page.accesses.map((one) => describeAccess(one, latest.get(one.id)));
        sendJson(response, 200, { access, ...cursorsOf(page), total_count: page.total });
      },
    ],
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
        const access = await requireAccess(accesses, request);
        const latest = (await findLatestCredentials([access.id])).get(access.id);
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
  mountPath(router, `${accessPath}/:access/kafka-acls`, {
    get: [
      ...allow(edges, 'member'),
      async (request, response) => {
        const access = await requireAccess(accesses, request);
        const text = writeAclScript(access, await findBroker(access));
        sendText(response, { status: 200, contentType: 'text/plain; charset=utf-8', text });
      },
    ],
  });
  return router;
}

async function requireAccess(accesses: AccessEdges['accesses'], request: Request): Promise<Access> {
  const organizationId = organizationIn(request);
  const access = await accesses.find({ organizationId, id: accessIn(request) });
  if (access) return access;
  throw accessUnknown();
}
