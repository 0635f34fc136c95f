import { Router } from 'express';
import type { Response } from 'express';
import { sendJson } from '../http/json-answer.js';
import { readJsonObject } from '../http/json-object.js';
import { bodyOf, readBody } from '../http/read-body.js';
import { mountPath } from '../http/routing.js';
import { originOf } from './project-routes.js';
import { selfService } from './renewal-requests.js';
import { allow, requireUser } from './service-access.js';
import type { ServiceAccess } from './service-access.js';
import type { ServiceUser } from './service-user.js';
import type { SetSelfService } from './set-self-service.js';

/** Whether the holder of a user may fetch renewed pairs itself. */
export function makeSelfServiceRoutes(
  edges: ServiceAccess & { readonly setSelfService: SetSelfService },
): Router {
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/v1/project/:project/service/:service/user/:username/self_service', {
    get: [
      ...allow(edges, 'project:read'),
      async (request, response) => {
        const { user } = await requireUser(edges, request);
        sendSelfService(response, user, user.isSelfService);
      },
    ],
    put: [
      ...allow(edges, 'service:users:write'),
      readBody,
      async (request, response) => {
        const { user } = await requireUser(edges, request);
        const { enabled: isEnabled } = readJsonObject(bodyOf(request), selfService);
        await edges.setSelfService({ user, isEnabled, ...originOf(request) });
        sendSelfService(response, user, isEnabled);
      },
    ],
  });
  return router;
}

function sendSelfService(response: Response, { username }: ServiceUser, enabled: boolean): void {
  sendJson(response, 200, { username, self_service: { enabled } });
}
