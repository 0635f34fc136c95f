import { hash } from 'node:crypto';
import { Router } from 'express';
import type { RequestHandler } from 'express';
import { isoTime } from '../iso-time.js';
import { sendJson } from '../http/json-answer.js';
import { bodyOf, readBody } from '../http/read-body.js';
import { mountPath } from '../http/routing.js';
import { nothingWaits } from './change-next-key.js';
import type { ChangeNextKey } from './change-next-key.js';
import type { ChangeRecipients } from './change-recipients.js';
import { originOf } from './project-routes.js';
import { readCertificateRequest, readRecipients } from './renewal-requests.js';
import { viewAfterWriting } from './secrets-view.js';
import type { SecretsMode } from './secrets-view.js';
import { allow, requireUser } from './service-access.js';
import type { ServiceAccess } from './service-access.js';
import { describeServiceUser } from './service-user-answers.js';
import type { NextKey, ServiceUserName } from './service-user.js';

interface NextKeyEdges extends ServiceAccess {
  readonly changeNextKey: ChangeNextKey;
  readonly changeRecipients: ChangeRecipients;
  readonly secretsMode: SecretsMode;
}

/** What is said beforehand of the next renewal of a user: whose key it is for, and who hears of it. */
export function makeNextKeyRoutes(edges: NextKeyEdges): Router {
  const router = Router({ strict: true, caseSensitive: true });
  const user = '/v1/project/:project/service/:service/user/:username';
  mountPath(router, `${user}/certificate-request`, requestHandlers(edges));
  mountPath(router, `${user}/recipients`, { put: setRecipients(edges) });
  return router;
}

function requestHandlers(edges: NextKeyEdges): Parameters<typeof mountPath>[2] {
  const { changeNextKey } = edges;
  return {
    get: [
      ...allow(edges, 'project:read'),
      async (request, response) => {
        const { user } = await requireUser(edges, request);
        if (!user.nextKey) throw nothingWaits(user.username);
        sendJson(response, 200, { certificate_request: describeNextKey(user.nextKey) });
      },
    ],
    put: [
      ...allow(edges, 'service:users:write'),
      readBody,
      async (request, response) => {
        const { user } = await requireUser(edges, request);
        const csr = readCertificateRequest(bodyOf(request));
        const kept = await changeNextKey.keep({ user, csr, ...originOf(request) });
        sendJson(response, 200, {
          message: `The next renewal issues for this key. The certificate names ${subjectOf(user)}, whatever else the request says.`,
          certificate_request: describeNextKey(kept),
        });
      },
    ],
    delete: [
      ...allow(edges, 'service:users:write'),
      async (request, response) => {
        const { user } = await requireUser(edges, request);
        await changeNextKey.withdraw({ user, ...originOf(request) });
        sendJson(response, 200, { message: 'The certification request is withdrawn.' });
      },
    ],
  };
}

function setRecipients(edges: NextKeyEdges): RequestHandler[] {
  return [
    ...allow(edges, 'service:users:write'),
    readBody,
    async (request, response) => {
      const named = await requireUser(edges, request);
      const recipients = readRecipients(bodyOf(request));
      const order = { user: named.user, recipients, ...originOf(request) };
      const user = await edges.changeRecipients(order);
      const view = viewAfterWriting(request, edges.secretsMode);
      sendJson(response, 200, { user: describeServiceUser(user, view, edges.secrets) });
    },
  ];
}

function describeNextKey({ spki, since }: NextKey): object {
  return { key_sha256: hash('sha256', Buffer.from(spki, 'base64')), create_time: isoTime(since) };
}

function subjectOf({ project, service, username }: ServiceUserName): string {
  return `O=${project}, OU=${service}, CN=${username}`;
}
