import { Router } from 'express';
import { toPem } from '../authority/chains.js';
import type { ProjectAuthorities } from '../authority/project-authorities.js';
import { sendJson } from '../http/json-answer.js';
import { mountPath } from '../http/routing.js';
import { projectIn } from './project-access.js';
import { allow, requireService } from './service-access.js';
import type { ServiceAccess } from './service-access.js';

/**
 * The CA of a project, for every member; and lists that clients ask for and that stay empty, since Everleaf neither runs
 * services nor watches them.
 */
export function makeProjectCaRoutes(
  edges: Pick<ServiceAccess, 'services' | 'findRole' | 'guards'> & {
    readonly authorities: Pick<ProjectAuthorities, 'certificates'>;
  },
): Router {
  const router = Router({ strict: true, caseSensitive: true });
  const toRead = allow(edges, 'project:read');
  mountPath(router, '/v1/project/:project/kms/ca', {
    get: [
      ...toRead,
      async (request, response) => {
        const certificates = await edges.authorities.certificates(projectIn(request));
        sendJson(response, 200, { certificate: toPem(certificates) });
      },
    ],
  });
  for (const list of ['vpcs', 'alerts']) {
    mountPath(router, `/v1/project/:project/${list}`, {
      get: [
        ...toRead,
        (_request, response) => {
          sendJson(response, 200, { [list]: [] });
        },
      ],
    });
  }
  mountPath(router, '/v1/project/:project/service/:service/alerts', {
    get: [
      ...toRead,
      async (request, response) => {
        await requireService(edges, request);
        sendJson(response, 200, { alerts: [] });
      },
    ],
  });
  return router;
}
