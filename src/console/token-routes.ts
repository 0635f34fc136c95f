import { Router } from 'express';
import type { Request, RequestHandler, Response } from 'express';
import { contextOf } from '../http/request-context.js';
import { mountPath } from '../http/routing.js';
import { callerOf } from '../people/caller.js';
import type { Asker, ManageUserTokens } from '../people/manage-user-tokens.js';
import type { CreatedUserToken } from '../people/new-user-token.js';
import { readTokenName, readTokenOrder } from '../people/requests.js';
import { answerForm, orShowAgain } from './form-answers.js';
import { saidIn } from './query.js';
import type { Refused } from './form-answers.js';
import { formOf, readSessionForm } from './own-form.js';
import { redirectTo, sendConsolePage } from './page.js';

interface TokenPageEdges {
  readonly userTokens: ManageUserTokens;
  readonly adminUrl: string;
  /** Ends with requireViewer. */
  readonly guards: readonly RequestHandler[];
}

/** How long a token may be good, in days. */
const lives = [
  { days: 30, text: '30 days' },
  { days: 90, text: '90 days' },
  { days: 365, text: 'a year' },
] as const;

const sentences = { withdrawn: 'The token is withdrawn.' };

/** The viewer's own access tokens: list, make (shown once), withdraw. */
export function makeTokenPages(edges: TokenPageEdges): Router {
  const { userTokens, guards } = edges;
  const posted = [...guards, ...readSessionForm(edges.adminUrl)];
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/tokens', {
    get: [
      ...guards,
      async (request, response) => {
        await showTokens(edges, request, response, { said: saidIn(request, sentences) });
      },
    ],
    post: [
      ...posted,
      async (request, response) => {
        await orShowAgain(
          response,
          async () => {
            // Shown by this answer alone: neither a redirect nor a cache may keep it.
            const created = await userTokens.create(askerOf(request), orderIn(formOf(request)));
            await showTokens(edges, request, response, { created });
          },
          (refused) => showTokens(edges, request, response, { refused }),
        );
      },
    ],
  });
  mountPath(router, '/tokens/withdraw', {
    post: [
      ...posted,
      answerForm(
        async (request) => {
          const name = readTokenName(formOf(request).get('token'));
          await userTokens.withdraw(askerOf(request), name);
          return ['/tokens', 'withdrawn'];
        },
        (request, response, refused) => showTokens(edges, request, response, { refused }),
      ),
    ],
  });
  mountPath(router, '/tokens/withdraw-all', {
    post: [
      ...posted,
      async (request, response) => {
        await userTokens.withdrawAll(askerOf(request));
        redirectTo(response, '/sign-in');
      },
    ],
  });
  return router;
}

async function showTokens(
  { userTokens, adminUrl }: TokenPageEdges,
  request: Request,
  response: Response,
  outcome: {
    readonly created?: CreatedUserToken;
    readonly refused?: Refused;
    readonly said?: string | undefined;
  },
): Promise<void> {
  const { created, refused, said } = outcome;
  const form = request.method === 'POST' && refused ? formOf(request) : undefined;
  sendConsolePage(request, response, {
    view: 'tokens',
    title: 'Access tokens',
    said,
    ...refused,
    data: {
      tokens: await userTokens.list(askerOf(request)),
      created,
      adminUrl,
      lives,
      typed: {
        description: form?.get('description') ?? '',
        life: form?.get('life') ?? '90',
        isExtended: form?.has('extend') ?? false,
      },
    },
  });
}

/** By the rules of the API's body. */
function orderIn(form: URLSearchParams) {
  const days = lives.find((life) => String(life.days) === form.get('life'))?.days;
  return readTokenOrder(
    Buffer.from(
      JSON.stringify({
        description: form.get('description')?.trim() ?? '',
        max_age_seconds: days === undefined ? null : days * 86_400,
        extend_when_used: days !== undefined && form.has('extend'),
      }),
    ),
  );
}

function askerOf(request: Request): Asker {
  return { caller: callerOf(request), requestId: contextOf(request).requestId };
}
