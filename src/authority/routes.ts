import { Router } from 'express';
import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import { mountPath } from '../http/routing.js';
import { sendCacheable } from '../http/send-cacheable.js';
import type { Authority } from './authority.js';
import type { CurrentRevocationList } from './current-revocation-list.js';

/** How long a cache may keep a list: a revocation must not hide behind one for longer. */
const listSeconds = 60;
/** For ever, as far as HTTP knows: a path names one certificate by its hash. */
const certificateSeconds = 365 * 86_400;

/** What relying parties fetch over plain HTTP (RFC 5280 4.2.1.13, 4.2.2.1): the revocation list and the certificate. */
export function makePkiRoutes(edges: {
  readonly findAuthority: (id: string) => Authority | undefined;
  readonly currentRevocationList: CurrentRevocationList;
  readonly clock: Clock;
}): Router {
  const { currentRevocationList, clock } = edges;
  const router = Router({ strict: true, caseSensitive: true });
  const authorityNamed = (id: unknown): Authority => {
    const authority = typeof id === 'string' ? edges.findAuthority(id) : undefined;
    if (authority) return authority;
    throw new Failure('not-found', 'Requested resource could not be found.');
  };
  mountPath(router, '/pki/:authority.crl', {
    get: [
      async (request, response) => {
        const authority = authorityNamed(request.params['authority']);
        const list = await currentRevocationList(authority);
        const { number, thisUpdate, nextUpdate, previousUpdate, der } = list;
        const now = clock();
        sendCacheable(request, response, {
          contentType: 'application/pkix-crl',
          body: der,
          version: String(number),
          // A cache that has the list before it from the same second could not tell them apart.
          lastModified: previousUpdate < thisUpdate ? thisUpdate : undefined,
          maxAge: Math.max(0, Math.min(listSeconds, nextUpdate - now)),
          directives: 'no-transform, must-revalidate',
          now,
        });
      },
    ],
  });
  mountPath(router, '/pki/:authority.crt', {
    get: [
      (request, response) => {
        const { certificate } = authorityNamed(request.params['authority']).issuer;
        sendCacheable(request, response, {
          contentType: 'application/pkix-cert',
          body: Buffer.from(certificate.der),
          version: certificate.sha256,
          lastModified: undefined,
          maxAge: certificateSeconds,
          directives: 'no-transform, immutable',
          now: clock(),
        });
      },
    ],
  });
  return router;
}
