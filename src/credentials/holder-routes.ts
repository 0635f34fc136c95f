import { Router } from 'express';
import { z } from 'zod';
import { holderOf, requireHolder } from '../authority/require-holder.js';
import type { HolderEdges, HolderRule } from '../authority/require-holder.js';
import { sendJson } from '../http/json-answer.js';
import { readJsonObject } from '../http/json-object.js';
import { bodyOf, readBody } from '../http/read-body.js';
import { addressOf, contextOf } from '../http/request-context.js';
import { mountPath } from '../http/routing.js';
import type { AcknowledgeInUse } from './acknowledge-in-use.js';
import type { FetchCredentials } from './fetch-credentials.js';
import { askForCredentials } from './find-holder.js';
import type { FindHolder } from './find-holder.js';
import { describeAcknowledgement, describeFetched, describeHolder } from './holder-answers.js';

export interface ServiceUserHolderEdges extends HolderEdges {
  readonly findHolder: FindHolder;
  readonly acknowledgeInUse: AcknowledgeInUse;
  readonly fetchCredentials: FetchCredentials;
}

/** What a service user gets with its own certificate, on the gateway listener. */
export function makeHolderRoutes(edges: ServiceUserHolderEdges): Router {
  const { findHolder, acknowledgeInUse, fetchCredentials } = edges;
  const router = Router({ strict: true, caseSensitive: true });
  const holder = (use: HolderRule['use']) =>
    requireHolder(edges, {
      use,
      states: ['valid'],
      kinds: ['service-user'],
      wayBack: askForCredentials,
    });
  mountPath(router, '/v1/service-users/me', {
    get: [
      holder('info'),
      async (_request, response) => {
        const certificate = holderOf(response);
        sendJson(response, 200, describeHolder(await findHolder(certificate), certificate));
      },
    ],
  });
  mountPath(router, '/v1/service-users/acknowledgements', {
    post: [
      holder('acknowledgement'),
      readBody,
      async (request, response) => {
        const body = bodyOf(request);
        if (body.length > 0) readJsonObject(body, z.object({}));
        const certificate = holderOf(response);
        const { requestId } = contextOf(request);
        const acknowledged = await acknowledgeInUse({ certificate, requestId });
        sendJson(response, 200, describeAcknowledgement(acknowledged, certificate));
      },
    ],
  });
  mountPath(router, '/v1/service-users/credentials', {
    get: [
      holder('credentials'),
      async (request, response) => {
        const certificate = holderOf(response);
        const { requestId } = contextOf(request);
        const order = { certificate, address: addressOf(request), requestId };
        sendJson(response, 200, describeFetched(await fetchCredentials(order)));
      },
    ],
  });
  return router;
}
