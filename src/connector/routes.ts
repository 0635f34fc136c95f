import { Router } from 'express';
import { mountPath } from '../http/routing.js';
import { makeApiDocument } from './api-document.js';
import type { Mode } from './client.js';
import { mountHolderRoutes } from './holder-routes.js';
import type { HolderEdges } from './holder-routes.js';
import { mountPairing } from './pairing-routes.js';
import type { PairingEdges } from './pairing-routes.js';
import { clientKindsOf } from './paths.js';

export interface ConnectorEdges extends PairingEdges, HolderEdges {
  readonly mode: Mode;
}

/** The external API of the Connector Service, for the gateway listener. */
export function makeConnectorRoutes(edges: ConnectorEdges): Router {
  const router = Router({ strict: true, caseSensitive: true });
  mountDocuments(router, edges.mode);
  for (const kind of clientKindsOf(edges.mode)) {
    mountPairing(router, kind, edges);
    mountHolderRoutes(router, kind, edges);
  }
  return router;
}

function mountDocuments(router: Router, mode: Mode): void {
  mountPath(router, '/v1', {
    get: [
      (_request, response) => {
        response.statusCode = 301;
        response.setHeader('Location', '/v1/api.yaml');
        response.setHeader('Content-Type', 'text/html; charset=utf-8');
        response.end('<a href="/v1/api.yaml">Moved Permanently</a>.\n\n');
      },
    ],
  });
  const document = makeApiDocument(mode);
  mountPath(router, '/v1/api.yaml', {
    get: [
      (_request, response) => {
        response.type('application/yaml').send(document);
      },
    ],
  });
}
