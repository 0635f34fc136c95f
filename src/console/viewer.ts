import type { Request, RequestHandler } from 'express';
import { Failure } from '../failure.js';
import type { OwnCookie } from '../http/cookies.js';
import { rememberCaller } from '../people/caller.js';
import type { OrganizationStore } from '../people/organization-store.js';
import { roleAllows } from '../people/roles.js';
import type { Right } from '../people/roles.js';
import type { Session, Sessions } from '../people/sessions.js';
import { sendContinuing } from './continuing.js';

/** Who looks at a page. */
export interface Viewer extends Session {
  /** By name. */
  readonly organizations: readonly {
    readonly id: string;
    readonly name: string;
    readonly isAdmin: boolean;
  }[];
}

const viewers = new WeakMap<Request, Viewer>();

/**
 * Requires a session and leaves the viewer for viewerOf; judged anew on every request. Who has none is led to the
 * sign-in, and from there back. A link in a mail brings no Strict cookie along: one step on a page of our own does.
 */
export function requireViewer(edges: {
  readonly sessions: Pick<Sessions, 'find'>;
  readonly cookie: OwnCookie;
  readonly organizations: Pick<OrganizationStore, 'listOf'>;
}): RequestHandler {
  const { sessions, cookie, organizations } = edges;
  return async (request, response, next) => {
    const session = await sessions.find(cookie.read(request));
    if (!session) {
      if (request.method !== 'GET')
        throw new Failure('session-missing', 'Your session has ended: sign in, and do it again.');
      if (request.headers['sec-fetch-site'] === 'cross-site') {
        sendContinuing(response, request.originalUrl);
        return;
      }
      response.setHeader('Cache-Control', 'no-store');
      response.redirect(303, signInPathTo(request.originalUrl));
      return;
    }
    const { user, sessionSha256 } = session;
    const { id: userId, email, realName } = user;
    rememberCaller(request, { userId, email, realName, tokenSha256: sessionSha256 });
    viewers.set(request, { ...session, organizations: await organizations.listOf(userId) });
    next();
  };
}

/** Who requireViewer found. */
export function viewerOf(request: Request): Viewer {
  const viewer = viewers.get(request);
  if (!viewer) throw new Error('a page asked for a viewer that was not required');
  return viewer;
}

/** Who requireViewer found, if it was asked. */
export function knownViewer(request: Request): Viewer | undefined {
  return viewers.get(request);
}

/** Whether the viewer may do that on the gateway itself. */
export function mayOnGateway({ user }: Pick<Viewer, 'user'>, right: Right): boolean {
  return user.gatewayRole !== null && roleAllows(user.gatewayRole, right);
}

/** Requires a right on the gateway itself. Throws Failure `right-missing`. */
export function requireGatewayRight(right: Right): RequestHandler {
  return (request, _response, next) => {
    if (mayOnGateway(viewerOf(request), right)) {
      next();
      return;
    }
    throw new Failure('right-missing', 'Your role on this gateway does not allow this.');
  };
}

/** What a viewer may do on the gateway, for the pages of applications. */
export function gatewayRightsOf(viewer: Viewer): {
  readonly read: boolean;
  readonly issue: boolean;
  readonly revoke: boolean;
} {
  return {
    read: mayOnGateway(viewer, 'read'),
    issue: mayOnGateway(viewer, 'create-tokens'),
    revoke: mayOnGateway(viewer, 'revoke'),
  };
}

/** The sign-in that leads back to this page afterwards. */
function signInPathTo(url: string): string {
  return url === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(url)}`;
}
