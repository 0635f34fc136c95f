import { Router } from 'express';
import type { Request, RequestHandler, Response } from 'express';
import type { ApplicationStore } from '../connector/application-store.js';
import type { Mode } from '../connector/client.js';
import type { WithdrawToken } from '../connector/withdraw-token.js';
import { originOf } from '../credentials/project-routes.js';
import { Failure } from '../failure.js';
import { cutPage } from '../http/cut-page.js';
import { mountPath } from '../http/routing.js';
import { readApplication } from './application-page.js';
import type { ApplicationPageEdges } from './application-page.js';
import { readApplicationQuery } from './application-query.js';
import type { ApplicationQuery } from './application-query.js';
import { stateBadges, stateNames, tokenBadges } from './application-words.js';
import { consolePath } from './console-urls.js';
import { answerForm } from './form-answers.js';
import type { Refused } from './form-answers.js';
import { formOf, readSessionForm } from './own-form.js';
import { sendConsolePage } from './page.js';
import { saidIn, withQuery } from './query.js';
import { mayOnGateway, requireGatewayRight, viewerOf } from './viewer.js';

/** The operations behind the pages of applications. */
export interface ApplicationEdges extends ApplicationPageEdges {
  readonly mode: Mode;
  readonly applications: ApplicationStore;
  readonly withdrawToken: WithdrawToken;
  readonly adminUrl: string;
  readonly guards: readonly RequestHandler[];
}

const pageSize = 50;

const sentences: Readonly<Record<string, string>> = {
  revoked: 'The certificate is revoked: the gateway refuses it from now on.',
  withdrawn: 'The token is withdrawn: nobody gets a certificate with it any more.',
};

/** The list of applications with its search, and each of them with its certificates and tokens. */
export function makeApplicationRoutes(edges: ApplicationEdges): Router {
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/applications', {
    get: [
      ...edges.guards,
      requireListOrIssue,
      async (request, response) => {
        const query = readApplicationQuery(request);
        const rights = rightsOn(request);
        sendConsolePage(request, response, {
          view: 'applications',
          title: 'Applications',
          said: saidIn(request, sentences),
          data: {
            query,
            rights,
            mode: edges.mode,
            stateNames,
            stateBadges,
            ...(rights.read ? await findApplications(edges, query) : {}),
          },
        });
      },
    ],
  });
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
    said: saidIn(request, sentences),
    ...(refusal ?? {}),
    data: {
      ...page,
      holder,
      rights: rightsOn(request),
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

/** An issuer makes tokens and revokes, and sees no list. */
const requireListOrIssue: RequestHandler = (request, response, next) => {
  const right = mayOnGateway(viewerOf(request), 'create-tokens') ? 'create-tokens' : 'read';
  void requireGatewayRight(right)(request, response, next);
};

function rightsOn(request: Request) {
  const viewer = viewerOf(request);
  return {
    read: mayOnGateway(viewer, 'read'),
    issue: mayOnGateway(viewer, 'create-tokens'),
    revoke: mayOnGateway(viewer, 'revoke'),
  };
}

async function findApplications(
  { applications, clock }: ApplicationEdges,
  { text, prefix, digits, state, after }: ApplicationQuery,
) {
  const page = { prefix, state, after, now: clock(), limit: pageSize + 1 };
  const found = await applications.list(page);
  const { rows: shown, last } = cutPage(found, pageSize);
  const pathAt = (place: string | undefined): string =>
    withQuery('/applications', { q: text, state, after: place });
  return {
    shown,
    certificates: digits === undefined ? [] : await applications.findHolders(digits, 10),
    firstPage: after === undefined ? undefined : pathAt(undefined),
    nextPage: last && pathAt(last.holder),
  };
}
