import { Router } from 'express';
import type { RecordedCertificate } from '../authority/certificate-store.js';
import { holderOf, requireHolder } from '../authority/require-holder.js';
import type { EnrolCertificate } from '../connector/enrol-certificate.js';
import { pairAgain } from '../connector/pair-again.js';
import type { RenewCertificate } from '../connector/renew-certificate.js';
import type { PresentToken } from '../connector/tokens.js';
import type { Identify } from '../http/client-identity.js';
import { limitByAddress } from '../http/rate-limit.js';
import type { CountUse } from '../http/rate-limit.js';
import { readBody } from '../http/read-body.js';
import { contextOf } from '../http/request-context.js';
import { mountPath } from '../http/routing.js';
import type { Der } from '../pki/der.js';
import { sendCaCertificates, sendCertificate, sendCsrAttributes } from './answers.js';
import { requireCredentials, tokenOf } from './credentials.js';
import { readPkcs10 } from './requests.js';

export interface EstEdges {
  readonly identify: Identify<RecordedCertificate>;
  readonly countByAddress: CountUse;
  readonly countByCertificate: CountUse;
  readonly presentToken: PresentToken;
  readonly enrol: EnrolCertificate;
  readonly renew: RenewCertificate;
  /** Everything that a client needs to trust and to build chains with. */
  readonly publishedCertificates: () => readonly Der[];
}

/** Enrolment over Secure Transport (RFC 7030, RFC 8951), for the gateway listener: other words, the same operations. */
export function makeEstRoutes(edges: EstEdges): Router {
  const router = Router({ strict: true, caseSensitive: true });
  const { enrol, renew, publishedCertificates } = edges;
  const byAddress = limitByAddress(edges.countByAddress);
  mountPath(router, '/.well-known/est/cacerts', {
    get: [byAddress, (_request, response) => sendCaCertificates(response, publishedCertificates())],
  });
  mountPath(router, '/.well-known/est/csrattrs', {
    get: [byAddress, (_request, response) => sendCsrAttributes(response)],
  });
  mountPath(router, '/.well-known/est/simpleenroll', {
    post: [
      byAddress,
      requireCredentials(edges),
      readBody,
      async (request, response) => {
        const { requestId } = contextOf(request);
        const token = tokenOf(response);
        const issued = await enrol({ token, csr: readPkcs10(request), requestId });
        sendCertificate(response, issued.der);
      },
    ],
  });
  mountPath(router, '/.well-known/est/simplereenroll', {
    post: [
      requireHolder(edges, {
        use: 'renewal',
        states: ['valid'],
        kinds: ['application'],
        wayBack: pairAgain,
      }),
      readBody,
      async (request, response) => {
        const { requestId } = contextOf(request);
        const presented = holderOf(response);
        const issued = await renew({ presented, csr: readPkcs10(request), requestId });
        sendCertificate(response, issued.der);
      },
    ],
  });
  return router;
}
