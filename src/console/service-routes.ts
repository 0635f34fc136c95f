import { Router } from 'express';
import type { RequestHandler } from 'express';
import type { ProjectAuthorities } from '../authority/project-authorities.js';
import { clientsTrustOf } from '../credentials/client-ca.js';
import { connectionLines } from '../credentials/connection-lines.js';
import { projectIn } from '../credentials/project-access.js';
import { requireService } from '../credentials/service-access.js';
import { serviceTypeOf } from '../credentials/service-types.js';
import { hasCertificates } from '../credentials/service.js';
import type { Service } from '../credentials/service.js';
import type { UserListStore } from '../credentials/user-list-store.js';
import { mountPath } from '../http/routing.js';
import { caFacts } from './ca-facts.js';
import { sendConsolePage } from './page.js';
import { pageOfService, toSee } from './service-page.js';
import type { ServicePageEdges } from './service-page.js';

export interface ServiceOverviewEdges extends ServicePageEdges {
  readonly userLists: Pick<UserListStore, 'findExpiring' | 'findPrimary'>;
  readonly authorities: Pick<ProjectAuthorities, 'certificates'>;
}

/** The first page of a service: how to connect to it, and by which CA. */
export function makeServicePages(edges: ServiceOverviewEdges): Router {
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/projects/:project/services/:service', {
    get: [...toSee(edges, 'project:read'), showService(edges)],
  });
  return router;
}

function showService(edges: ServiceOverviewEdges): RequestHandler {
  return async (request, response) => {
    const service = await requireService(edges, request);
    const { project, name } = service;
    const primary = await edges.userLists.findPrimary({ project, service: name });
    const certificates = await edges.authorities.certificates(projectIn(request));
    const page = await pageOfService(edges, request, {
      service,
      place: 'overview',
      view: 'service',
      title: name,
      data: {
        typeText: serviceTypeOf(service.type).description,
        hasCertificates: hasCertificates(service),
        trust: trustWords(service),
        certificates: certificates.map(caFacts),
        lines: connectionLines(service, primary),
      },
    });
    sendConsolePage(request, response, page);
  };
}

/** What clients need to trust the servers of a service, in a sentence. */
function trustWords(service: Service): string {
  if (clientsTrustOf(service) === 'browser')
    return 'A browser-recognized CA is used: browsers and operating systems trust it already, and clients need no CA certificate from here.';
  if (service.type === 'pg') {
    const more = hasCertificates(service) ? ', and also the client key and certificate' : '';
    return `Clients need the project CA certificate when they use verify-ca or verify-full as sslmode${more}.`;
  }
  return hasCertificates(service)
    ? 'Clients need the project CA certificate, and also the client key and certificate.'
    : 'Clients need the project CA certificate.';
}
