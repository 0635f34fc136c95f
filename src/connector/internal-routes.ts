import { Router } from 'express';
import type { Request, RequestHandler } from 'express';
import { sendJson } from '../http/json-answer.js';
import { bodyOf, readBody } from '../http/read-body.js';
import { contextOf } from '../http/request-context.js';
import { mountPath } from '../http/routing.js';
import { readClientHeaders } from './client-headers.js';
import type { Mode } from './client.js';
import type { CreateToken } from './create-token.js';
import { clientKindsOf, pathsOf } from './paths.js';
import { readRevocationByHash } from './requests.js';
import type { RevokeByHash } from './revoke-by-hash.js';

type InternalRight = 'create-tokens' | 'revoke';

export interface InternalEdges {
  readonly mode: Mode;
  readonly createToken: CreateToken;
  readonly revokeByHash: RevokeByHash;
  /** Who calls, for the audit log, if it has the right; throws a Failure otherwise. */
  readonly authenticate: (
    authorization: string | undefined,
    right: InternalRight,
  ) => Promise<string>;
  /** Steps before authentication: who may reach these routes at all. */
  readonly guards: readonly RequestHandler[];
}

/** The internal API of the Connector Service, for operators. */
export function makeInternalRoutes(edges: InternalEdges): Router {
  const { mode, createToken, revokeByHash, authenticate, guards } = edges;
  const router = Router({ strict: true, caseSensitive: true });
  const requireRight =
    (right: InternalRight): RequestHandler =>
    async (request, _response, next) => {
      contextOf(request).actor = await authenticate(request.headers.authorization, right);
      next();
    };
  for (const kind of clientKindsOf(mode)) {
    const paths = pathsOf(kind);
    mountPath(router, paths.tokens, {
      post: [
        ...guards,
        requireRight('create-tokens'),
        async (request, response) => {
          const { requestId } = contextOf(request);
          const client = readClientHeaders({ headers: request.headers, kind, mode });
          const order = { client, actor: actorOf(request), requestId };
          sendJson(response, 201, await createToken(order));
        },
      ],
    });
    mountPath(router, paths.revocations, {
      post: [
        ...guards,
        requireRight('revoke'),
        readBody,
        async (request, response) => {
          const { requestId } = contextOf(request);
          await revokeByHash({
            ...readRevocationByHash(bodyOf(request)),
            actor: actorOf(request),
            requestId,
          });
          sendJson(response, 201);
        },
      ],
    });
  }
  return router;
}

function actorOf(request: Request): string {
  const { actor } = contextOf(request);
  if (actor === undefined) throw new Error('an internal route ran without an actor');
  return actor;
}
