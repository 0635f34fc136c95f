import { hash } from 'node:crypto';
import { Router } from 'express';
import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import { mountPath } from '../http/routing.js';
import { sendCacheable } from '../http/send-cacheable.js';
import type { AuthoritySet } from './authority-set.js';
import { toPem } from './chains.js';
import type { CurrentRevocationList } from './current-revocation-list.js';
import { publishedCertificates } from './published-authorities.js';
import type { ServedAuthorities, ServedAuthority } from './served-authorities.js';

/** How long a cache may keep a list or the bundle: a revocation must not hide behind one for longer. */
const listSeconds = 60;
/** For ever, as far as HTTP knows: a path names one certificate by its hash. */
const certificateSeconds = 365 * 86_400;

export interface PkiEdges {
  readonly authorities: Pick<AuthoritySet, 'list'>;
  readonly findAuthority: ServedAuthorities['find'];
  readonly currentRevocationList: CurrentRevocationList;
  readonly clock: Clock;
}

/**
 * What relying parties fetch over plain HTTP (RFC 5280 4.2.1.13, 4.2.2.1): the revocation list and the
 * certificate of each authority, and the bundle of those to trust now.
 */
export function makePkiRoutes(edges: PkiEdges): Router {
  const { findAuthority, currentRevocationList, clock } = edges;
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/pki/:authority.crl', {
    get: [
      async (request, response) => {
        const { signing } = await found(findAuthority, request.params['authority']);
        if (!signing) throw notFound();
        const list = await currentRevocationList(signing);
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
      async (request, response) => {
        const { certificate } = await found(findAuthority, request.params['authority']);
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
  mountBundle(router, edges);
  return router;
}

function mountBundle(router: Router, { authorities, clock }: PkiEdges): void {
  mountPath(router, '/pki/ca.pem', {
    get: [
      (request, response) => {
        const body = Buffer.from(toPem(publishedCertificates(authorities.list())));
        sendCacheable(request, response, {
          contentType: 'application/x-pem-file',
          body,
          version: hash('sha256', body),
          lastModified: undefined,
          maxAge: listSeconds,
          directives: 'no-transform, must-revalidate',
          now: clock(),
        });
      },
    ],
  });
}

async function found(
  findAuthority: ServedAuthorities['find'],
  id: unknown,
): Promise<ServedAuthority> {
  const authority = typeof id === 'string' ? await findAuthority(id) : undefined;
  if (!authority) throw notFound();
  return authority;
}

function notFound(): Failure {
  return new Failure('not-found', 'Requested resource could not be found.');
}
