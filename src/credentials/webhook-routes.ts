import { Router } from 'express';
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { isoTime } from '../iso-time.js';
import { sendJson } from '../http/json-answer.js';
import { readJsonObject } from '../http/json-object.js';
import { bodyOf, readBody } from '../http/read-body.js';
import { mountPath } from '../http/routing.js';
import type { Webhook, WebhookStore } from '../notifications/webhook-store.js';
import type { ChangeWebhooks } from './change-webhooks.js';
import { projectIn, requireProjectRight } from './project-access.js';
import type { FindRole } from './project-access.js';
import { originOf } from './project-routes.js';

/** The body that adds a webhook. */
export const newWebhook = z.object({ url: z.string({ error: 'has to be a string' }) });

/** Who is told of a project's renewals by a POST: for its admins, since a URL may hold a secret of the receiver. */
export function makeWebhookRoutes(edges: {
  readonly webhooks: Pick<WebhookStore, 'list'>;
  readonly changeWebhooks: ChangeWebhooks;
  readonly findRole: FindRole;
  /** Ends with requireCaller. */
  readonly guards: readonly RequestHandler[];
}): Router {
  const { webhooks, changeWebhooks, findRole, guards } = edges;
  const router = Router({ strict: true, caseSensitive: true });
  const asAdmin = [...guards, requireProjectRight(findRole, 'project:write')];
  mountPath(router, '/v1/project/:project/webhooks', {
    get: [
      ...asAdmin,
      async (request, response) => {
        const list = await webhooks.list(projectIn(request));
        sendJson(response, 200, { webhooks: list.map(describeWebhook) });
      },
    ],
    post: [
      ...asAdmin,
      readBody,
      async (request, response) => {
        const { url } = readJsonObject(bodyOf(request), newWebhook);
        const order = { project: projectIn(request), url, ...originOf(request) };
        const { webhook, secret } = await changeWebhooks.add(order);
        sendJson(response, 200, { webhook: { ...describeWebhook(webhook), secret } });
      },
    ],
  });
  mountPath(router, '/v1/project/:project/webhooks/:webhook', {
    delete: [
      ...asAdmin,
      async (request, response) => {
        const id = request.params['webhook'];
        if (typeof id !== 'string') throw new Error('the route names no webhook');
        await changeWebhooks.remove({ project: projectIn(request), id, ...originOf(request) });
        sendJson(response, 200, {});
      },
    ],
  });
  return router;
}

function describeWebhook({ id, url, createdAt, createdBy }: Webhook) {
  return { webhook_id: id, url, create_time: isoTime(createdAt), created_by: createdBy };
}
