import { Router } from 'express';
import type { Request, RequestHandler } from 'express';
import type { OwnCookie } from '../http/cookies.js';
import { addressOf, contextOf } from '../http/request-context.js';
import { mountPath } from '../http/routing.js';
import { readCredentials } from '../people/requests.js';
import type { Sessions } from '../people/sessions.js';
import type { SignIn } from '../people/sign-in.js';
import { ownPath } from './continuing.js';
import { orShowAgain } from './form-answers.js';
import { formOf, readOwnForm, readSessionForm } from './own-form.js';
import { redirectTo, sendConsolePage } from './page.js';
import { viewerOf } from './viewer.js';

export interface SignInEdges {
  /** Address and password -> the cookie of a new session. */
  readonly signIn: SignIn<string>;
  readonly sessions: Pick<Sessions, 'end' | 'endFormer'>;
  readonly cookie: OwnCookie;
  /** How long a browser keeps the cookie; the session may end before. */
  readonly cookieSeconds: number;
  /** Whether people can sign in by OpenID Connect. */
  readonly hasOpenId: boolean;
  readonly adminUrl: string;
  /** Steps before everything else. */
  readonly guards: readonly RequestHandler[];
  readonly limitSignIns: RequestHandler;
  readonly requireViewer: RequestHandler;
}

/** In by address and password, out again. Each sign-in begins a new session; the one before it ends. */
export function makeSignInRoutes(edges: SignInEdges): Router {
  const { signIn, sessions, cookie, cookieSeconds, adminUrl, guards } = edges;
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/sign-in', {
    get: [
      ...guards,
      (request, response) => {
        showForm(edges, request, response, { next: nextIn(request.query['next']) });
      },
    ],
    post: [
      ...guards,
      edges.limitSignIns,
      ...readOwnForm(adminUrl),
      async (request, response) => {
        const form = formOf(request);
        const email = (form.get('email') ?? '').trim();
        const next = nextIn(form.get('next'));
        await orShowAgain(
          response,
          async () => {
            const body = JSON.stringify({ email, password: form.get('password') ?? '' });
            const { requestId } = contextOf(request);
            const { created } = await signIn({
              ...readCredentials(Buffer.from(body)),
              address: addressOf(request),
              userAgent: request.headers['user-agent'],
              requestId,
            });
            await sessions.endFormer(cookie.read(request), requestId);
            cookie.set(response, created, cookieSeconds);
            redirectTo(response, next);
          },
          ({ problem, status }) => {
            showForm(edges, request, response, {
              email,
              next,
              problem: withLabel(problem),
              status,
            });
          },
        );
      },
    ],
  });
  mountPath(router, '/sign-out', {
    post: [
      ...guards,
      edges.requireViewer,
      ...readSessionForm(adminUrl),
      async (request, response) => {
        await sessions.end(viewerOf(request), contextOf(request).requestId);
        cookie.clear(response);
        redirectTo(response, '/sign-in');
      },
    ],
  });
  return router;
}

function showForm(
  { hasOpenId }: SignInEdges,
  request: Request,
  response: Parameters<RequestHandler>[1],
  {
    problem,
    status,
    ...data
  }: {
    readonly next: string;
    readonly email?: string;
    readonly problem?: string;
    readonly status?: number;
  },
): void {
  sendConsolePage(request, response, {
    view: 'sign-in',
    title: 'Sign in',
    problem,
    ...(status === undefined ? {} : { status }),
    data: { email: '', ...data, hasOpenId },
  });
}

/** What begins with the name of a field, with its label. */
function withLabel(sentence: string): string {
  return sentence.replace(/^email\b/, 'Mail address').replace(/^password\b/, 'Password');
}

function nextIn(text: unknown): string {
  return typeof text === 'string' ? ownPath(text) : '/';
}
