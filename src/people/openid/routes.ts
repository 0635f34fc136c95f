import { Router } from 'express';
import type { Request, RequestHandler } from 'express';
import type { RandomBytes } from '../../edges.js';
import { makeOwnCookie } from '../../http/cookies.js';
import type { OwnCookie } from '../../http/cookies.js';
import { bodyOf, readBody } from '../../http/read-body.js';
import { addressOf, contextOf } from '../../http/request-context.js';
import { mountPath } from '../../http/routing.js';
import type { Sessions } from '../sessions.js';
import type { SignInNotes } from './sign-in-notes.js';
import { hashOfSecret } from './redeem-sign-in.js';
import type { RedeemCommand, RedeemSignIn } from './redeem-sign-in.js';
import { requireOwnForm } from './own-form.js';
import { sendSignedIn, sendToken, signInPaths } from './pages.js';
import type { OpenIdProvider } from './provider.js';
import type { SignInWithIdentity } from './sign-in-with-identity.js';
import { staleSignIn, usedSignIn } from './stale-sign-in.js';
import type { UseOnce } from './used-store.js';

export interface OpenIdEdges {
  readonly provider: OpenIdProvider;
  readonly signIn: SignInWithIdentity;
  /** A token of the user, shown once. */
  readonly redeemForToken: RedeemSignIn<string>;
  /** The cookie of a new session. */
  readonly redeemForSession: RedeemSignIn<string>;
  readonly sessions: Pick<Sessions, 'endFormer'>;
  readonly sessionCookie: OwnCookie;
  readonly sessionSeconds: number;
  readonly notes: SignInNotes;
  readonly useOnce: UseOnce;
  readonly random: RandomBytes;
  /** How browsers reach the admin listener; without slash at its end. */
  readonly adminUrl: string;
  /** Whether they do so by HTTPS. */
  readonly isHttps: boolean;
  /** Steps before everything else. */
  readonly guards: readonly RequestHandler[];
}

/** The way of a browser: begin, to the provider, back to a page that says who signed in, and a token where wanted. */
export function makeOpenIdRoutes(edges: OpenIdEdges): Router {
  const router = Router({ strict: true, caseSensitive: true });
  const { guards, isHttps } = edges;
  // Lax: the provider, which is another site, leads the browser back here.
  const begunCookie = makeOwnCookie({ name: 'everleaf-sign-in', isHttps, sameSite: 'lax' });
  const pageCookie = makeOwnCookie({ name: 'everleaf-signed-in', isHttps, sameSite: 'strict' });
  mountPath(router, signInPaths.begin, { get: [...guards, begin(edges, begunCookie)] });
  mountPath(router, signInPaths.callback, {
    get: [...guards, comeBack(edges, { begunCookie, pageCookie })],
  });
  mountPath(router, signInPaths.token, {
    post: [...guards, requireOwnForm(edges.adminUrl), readBody, handOut(edges, pageCookie)],
  });
  mountPath(router, signInPaths.session, {
    post: [...guards, requireOwnForm(edges.adminUrl), readBody, beginSession(edges, pageCookie)],
  });
  return router;
}

function begin({ provider, notes, random }: OpenIdEdges, cookie: OwnCookie): RequestHandler {
  return async (_request, response) => {
    const ties = { state: draw(random), nonce: draw(random), verifier: draw(random) };
    const url = await provider.authorizationUrl(ties);
    cookie.set(response, notes.begun.seal(ties), notes.begunSeconds);
    response.setHeader('Cache-Control', 'no-store');
    response.statusCode = 303;
    response.setHeader('Location', url.href);
    response.end();
  };
}

function comeBack(
  { provider, signIn, notes, useOnce, random }: OpenIdEdges,
  { begunCookie, pageCookie }: Readonly<Record<'begunCookie' | 'pageCookie', OwnCookie>>,
): RequestHandler {
  return async (request, response) => {
    const query = queryOf(request);
    const begun = notes.begun.open(begunCookie.read(request) ?? '');
    // The state's hash is compared, so that the time tells nothing of the state.
    const state = hashOfSecret(query.get('state') ?? '');
    if (!begun || state !== hashOfSecret(begun.note.state)) throw staleSignIn();
    begunCookie.clear(response);
    const { note: ties, expiresAt } = begun;
    if (!(await useOnce({ secret: ties.state, expiresAt }))) throw usedSignIn();
    const identity = await provider.identify(query, ties);
    const { requestId } = contextOf(request);
    const user = await signIn(identity, { address: addressOf(request), requestId });
    contextOf(request).actor = `user:${user.email}`;
    const browserSecret = draw(random);
    const { issuer, subject } = identity;
    const finished = { id: draw(random), userId: user.id, issuer, subject };
    const browserSha256 = hashOfSecret(browserSecret);
    pageCookie.set(response, browserSecret, notes.finishedSeconds);
    sendSignedIn(response, { user, code: notes.finished.seal({ ...finished, browserSha256 }) });
  };
}

function handOut({ redeemForToken, adminUrl }: OpenIdEdges, pageCookie: OwnCookie): RequestHandler {
  return async (request, response) => {
    const { user, granted: fullToken } = await redeemForToken(commandIn(request, pageCookie));
    contextOf(request).actor = `user:${user.email}`;
    sendToken(response, { user, fullToken, adminUrl });
  };
}

function beginSession(edges: OpenIdEdges, pageCookie: OwnCookie): RequestHandler {
  const { redeemForSession, sessions, sessionCookie, sessionSeconds } = edges;
  return async (request, response) => {
    const { user, granted } = await redeemForSession(commandIn(request, pageCookie));
    contextOf(request).actor = `user:${user.email}`;
    await sessions.endFormer(sessionCookie.read(request), contextOf(request).requestId);
    pageCookie.clear(response);
    sessionCookie.set(response, granted, sessionSeconds);
    response.setHeader('Cache-Control', 'no-store');
    response.redirect(303, '/');
  };
}

function commandIn(request: Request, pageCookie: OwnCookie): RedeemCommand {
  const form = new URLSearchParams(bodyOf(request).toString('latin1'));
  return {
    code: form.get('code') ?? '',
    browserSecret: pageCookie.read(request) ?? '',
    address: addressOf(request),
    userAgent: request.headers['user-agent'],
    requestId: contextOf(request).requestId,
  };
}

function queryOf({ url }: Request): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start < 0 ? '' : url.slice(start + 1));
}

/** 256 bits as 43 characters, which is also what a code verifier has to have (RFC 7636 4.1). */
function draw(random: RandomBytes): string {
  return Buffer.from(random(32)).toString('base64url');
}
