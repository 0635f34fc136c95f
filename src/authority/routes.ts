import { Router } from 'express';
import { Failure } from '../failure.js';
import { mountPath } from '../http/routing.js';
import type { Authority } from './authority.js';
import type { CurrentRevocationList } from './current-revocation-list.js';

/** What relying parties fetch over plain HTTP (RFC 5280 4.2.1.13, 4.2.2.1): the revocation list and the certificate. */
export function makePkiRoutes(edges: {
  readonly authority: Authority;
  readonly currentRevocationList: CurrentRevocationList;
}): Router {
  const { authority, currentRevocationList } = edges;
  const router = Router({ strict: true, caseSensitive: true });
  const refuseForeign = (id: unknown): void => {
    if (id !== authority.id)
      throw new Failure('not-found', 'Requested resource could not be found.');
  };
  mountPath(router, '/pki/:authority.crl', {
    get: [
      async (request, response) => {
        refuseForeign(request.params['authority']);
        const { der } = await currentRevocationList();
        response.setHeader('Cache-Control', 'public, max-age=60');
        response.type('application/pkix-crl').send(Buffer.from(der));
      },
    ],
  });
  mountPath(router, '/pki/:authority.crt', {
    get: [
      (request, response) => {
        refuseForeign(request.params['authority']);
        response.setHeader('Cache-Control', 'public, max-age=86400');
        response.type('application/pkix-cert').send(Buffer.from(authority.issuer.certificate.der));
      },
    ],
  });
  return router;
}
