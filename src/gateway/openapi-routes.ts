import { hash } from 'node:crypto';
import { Router } from 'express';
import type { Clock } from '../edges.js';
import { mountPath } from '../http/routing.js';
import { sendCacheable } from '../http/send-cacheable.js';
import type { CacheableAnswer } from '../http/send-cacheable.js';
import { describeAdminApi } from './openapi.js';

/** Seconds for which a client need not ask again. */
const maxAge = 300;

/** `/openapi.json`, for everybody who reaches the admin listener: it holds nothing that is not in the README. */
export function makeOpenApiRoutes(clock: Clock): Router {
  const router = Router({ strict: true, caseSensitive: true });
  let made: Pick<CacheableAnswer, 'body' | 'version'> | undefined;
  mountPath(router, '/openapi.json', {
    get: [
      (request, response) => {
        sendCacheable(request, response, {
          contentType: 'application/json;charset=UTF-8',
          ...(made ??= makeDocument()),
          lastModified: undefined,
          maxAge,
          directives: 'must-revalidate',
          now: clock(),
        });
      },
    ],
  });
  return router;
}

function makeDocument(): Pick<CacheableAnswer, 'body' | 'version'> {
  const body = Buffer.from(JSON.stringify(describeAdminApi()));
  return { body, version: hash('sha256', body) };
}
