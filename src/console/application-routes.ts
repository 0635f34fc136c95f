import { Router } from 'express';
import type { Request, RequestHandler, Response } from 'express';
import type { WithdrawToken } from '../connector/withdraw-token.js';
import { originOf } from '../credentials/project-routes.js';
import { Failure } from '../failure.js';
import { mountPath } from '../http/routing.js';
import { readApplication } from './application-page.js';
import type { ApplicationPageEdges } from './application-page.js';
import { saidOfApplications, stateBadges, tokenBadges } from './application-words.js';
import { consolePath } from './console-urls.js';
import { answerForm } from './form-answers.js';
import type { Refused } from './form-answers.js';
import { formOf, readSessionForm } from './own-form.js';
import { sendConsolePage } from './page.js';
import { saidIn } from './query.js';
import { gatewayRightsOf, requireGatewayRight, viewerOf } from './viewer.js';

/** The operations behind the page of an application. */
export interface ApplicationEdges extends ApplicationPageEdges {
  readonly withdrawToken: WithdrawToken;
  readonly adminUrl: string;
  readonly guards: readonly RequestHandler[];
}

/** One application with its certificates and its tokens, of which it withdraws the open ones. */
export function makeApplicationRoutes(edges: ApplicationEdges): Router {
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/applications/:name', {
    get: [
      ...edges.guards,
      requireGatewayRight('read'),
      async (request, response) => {
        await showApplication(edges, request, response);
      },
    ],
  });
  mountPath(router, '/applications/:name/tokens/withdraw', {
    post: [
      ...edges.guards,
      requireGatewayRight('read'),
      requireGatewayRight('create-tokens'),
      ...readSessionForm(edges.adminUrl),
      answerForm(
        (request) => withdraw(edges, request),
        (...shown) => showApplication(edges, ...shown),
      ),
    ],
  });
  return router;
}

async function showApplication(
  edges: ApplicationEdges,
  request: Request,
  response: Response,
  refusal?: Refused,
): Promise<void> {
  const holder = String(request.params['name']);
  const page = await readApplication(edges, holder);
  sendConsolePage(request, response, {
    view: 'application',
    title: holder,
    trail: [{ text: 'Applications', href: '/applications' }],
    said: saidIn(request, saidOfApplications),
    ...(refusal ?? {}),
    data: {
      ...page,
      holder,
      rights: gatewayRightsOf(viewerOf(request)),
      withdrawalPath: consolePath`/applications/${holder}/tokens/withdraw`,
      stateBadges,
      tokenBadges,
    },
  });
}

async function withdraw(
  { withdrawToken }: Pick<ApplicationEdges, 'withdrawToken'>,
  request: Request,
): Promise<readonly [path: string, said: string]> {
  const id = formOf(request).get('token') ?? '';
  const isDone = tokenId.test(id) && (await withdrawToken({ id, ...originOf(request) }));
  if (!isDone)
    throw new Failure('state-conflict', 'That token is not open any more, or there is none.');
  return [consolePath`/applications/${String(request.params['name'])}`, 'withdrawn'];
}

const tokenId = /^[0-9a-f]{12}$/;
