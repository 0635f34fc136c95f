import { Router } from 'express';
import type { Request, RequestHandler } from 'express';
import { sendJson } from '../http/json-answer.js';
import { bodyOf, readBody } from '../http/read-body.js';
import { addressOf, contextOf } from '../http/request-context.js';
import { mountPath } from '../http/routing.js';
import { meAnswer, signInAnswer, tokenAnswer } from './answers.js';
import { invalidUserToken } from './authenticate-user.js';
import { callerOf, requireCaller } from './caller.js';
import type { Authenticate } from './caller.js';
import type { Asker, ManageUserTokens } from './manage-user-tokens.js';
import { readCredentials, readDescription, readTokenName, readTokenOrder } from './requests.js';
import type { CreatedUserToken } from './new-user-token.js';
import type { SignIn } from './sign-in.js';
import type { UserStore } from './user-store.js';

export interface PeopleEdges {
  readonly authenticate: Authenticate;
  readonly signIn: SignIn<CreatedUserToken>;
  readonly userTokens: ManageUserTokens;
  readonly users: Pick<UserStore, 'findById' | 'projectsOf'>;
  /** Steps before authentication: who may reach these routes at all. */
  readonly guards: readonly RequestHandler[];
  /** One more before a sign-in, which costs more than other requests. */
  readonly limitSignIns: RequestHandler;
}

/** Sign-in, the caller itself, and the caller's tokens, as Aiven's clients know them. */
export function makePeopleRoutes(edges: PeopleEdges): Router {
  const router = Router({ strict: true, caseSensitive: true });
  const { signIn, guards, limitSignIns } = edges;
  mountPath(router, '/v1/userauth', {
    post: [
      ...guards,
      limitSignIns,
      readBody,
      async (request, response) => {
        const { requestId } = contextOf(request);
        const { user, created } = await signIn({
          ...readCredentials(bodyOf(request)),
          address: addressOf(request),
          requestId,
        });
        contextOf(request).actor = `user:${user.email}`;
        sendJson(response, 200, signInAnswer(user, created));
      },
    ],
  });
  mountMe(router, edges);
  mountTokens(router, edges);
  return router;
}

function mountMe(router: Router, { authenticate, userTokens, users, guards }: PeopleEdges): void {
  const known = [...guards, requireCaller(authenticate)];
  mountPath(router, '/v1/me', {
    get: [
      ...known,
      async (request, response) => {
        const user = await users.findById(callerOf(request).userId);
        if (!user) throw invalidUserToken();
        sendJson(response, 200, meAnswer(user, await users.projectsOf(user.id)));
      },
    ],
  });
  mountPath(router, '/v1/me/expire_tokens', {
    post: [
      ...known,
      async (request, response) => {
        const count = await userTokens.withdrawAll(askerOf(request));
        const message = `All your tokens are withdrawn: ${String(count)}. Sign in again.`;
        sendJson(response, 200, { message });
      },
    ],
  });
}

function mountTokens(router: Router, { authenticate, userTokens, guards }: PeopleEdges): void {
  const known = [...guards, requireCaller(authenticate)];
  mountPath(router, '/v1/access_token', {
    get: [
      ...known,
      async (request, response) => {
        const asker = askerOf(request);
        const tokens = await userTokens.list(asker);
        const rows = tokens.map((token) => tokenAnswer(token, asker.caller.tokenSha256));
        sendJson(response, 200, { tokens: rows });
      },
    ],
    post: [
      ...known,
      readBody,
      async (request, response) => {
        const asker = askerOf(request);
        const created = await userTokens.create(asker, readTokenOrder(bodyOf(request)));
        const row = tokenAnswer(created.token, asker.caller.tokenSha256);
        sendJson(response, 200, { ...row, full_token: created.fullToken });
      },
    ],
  });
  mountPath(router, '/v1/access_token/:token', {
    put: [
      ...known,
      readBody,
      async (request, response) => {
        const asker = askerOf(request);
        const name = readTokenName(request.params['token']);
        const token = await userTokens.describe(asker, name, readDescription(bodyOf(request)));
        sendJson(response, 200, tokenAnswer(token, asker.caller.tokenSha256));
      },
    ],
    delete: [
      ...known,
      async (request, response) => {
        await userTokens.withdraw(askerOf(request), readTokenName(request.params['token']));
        sendJson(response, 200, { message: 'The token is withdrawn.' });
      },
    ],
  });
}

function askerOf(request: Request): Asker {
  return { caller: callerOf(request), requestId: contextOf(request).requestId };
}
