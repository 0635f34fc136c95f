import { Router } from 'express';
import { mountPath } from '../http/routing.js';
import type { AuthoritySet } from './authority-set.js';
import { toPem } from './chains.js';
import { publishedAnchors } from './published-authorities.js';

/**
 * The published bundle for relying parties that watch it: the same as `ca.crt` in home, PEM. It comes over plain HTTP,
 * so whoever does not know it yet compares its SHA-256 by another way.
 */
export function makeBundleRoutes(authorities: Pick<AuthoritySet, 'list'>): Router {
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/pki/ca.pem', {
    get: [
      (_request, response) => {
        response.setHeader('Cache-Control', 'public, max-age=60');
        response
          .type('application/pem-certificate-chain')
          .send(Buffer.from(toPem(publishedAnchors(authorities.list()))));
      },
    ],
  });
  return router;
}
