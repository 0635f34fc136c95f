import { Router } from 'express';
import type { Request, RequestHandler } from 'express';
import { Failure } from '../failure.js';
import { sendJson } from '../http/json-answer.js';
import { bodyOf, readBody } from '../http/read-body.js';
import { contextOf } from '../http/request-context.js';
import { mountPath } from '../http/routing.js';
import type { CreateToken } from './create-token.js';
import { readRevocationByHash } from './requests.js';
import type { RevokeByHash } from './revoke-by-hash.js';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

type InternalRight = 'create-tokens' | 'revoke';

export interface InternalEdges {
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
export function makeInternalRoutes({
  createToken,
  revokeByHash,
  authenticate,
  guards,
}: InternalEdges): Router {
  const router = Router({ strict: true, caseSensitive: true });
  const requireRight =
    (right: InternalRight): RequestHandler =>
    async (request, _response, next) => {
      contextOf(request).actor = await authenticate(request.headers.authorization, right);
      next();
    };
  mountPath(router, '/v1/applications/tokens', {
    post: [
      ...guards,
      requireRight('create-tokens'),
      async (request, response) => {
        const { requestId } = contextOf(request);
        const order = { application: applicationIn(request), actor: actorOf(request), requestId };
        sendJson(response, 201, await createToken(order));
      },
    ],
  });
  mountPath(router, '/v1/applications/certificates/revocations', {
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
  return router;
}

function actorOf(request: Request): string {
  const { actor } = contextOf(request);
  if (actor === undefined) throw new Error('an internal route ran without an actor');
  return actor;
}

/** The `Application` header. Node reads headers as Latin-1; clients send UTF-8. */
function applicationIn(request: Request): string {
  const header = request.headers['application'];
  if (typeof header !== 'string' || header === '') {
    throw new Failure('header-missing', 'Required headers for ApplicationContext not specified.', {
      detail: 'Send the name of the application in the header Application.',
    });
  }
  try {
    return utf8.decode(Buffer.from(header, 'latin1'));
  } catch (cause) {
    throw new Failure('name-invalid', 'The application name is not UTF-8.', { cause });
  }
}
