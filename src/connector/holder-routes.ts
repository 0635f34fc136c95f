import type { Router } from 'express';
import type { ClientKind } from '../authority/certificate-kinds.js';
import type { IssuedCertificate } from '../authority/issue-certificate.js';
import { holderOf, requireHolder } from '../authority/require-holder.js';
import type { HolderEdges as PresentedEdges } from '../authority/require-holder.js';
import type { RevokeCertificate } from '../authority/revoke-certificate.js';
import { sendJson } from '../http/json-answer.js';
import { bodyOf, readBody } from '../http/read-body.js';
import { contextOf } from '../http/request-context.js';
import { mountPath } from '../http/routing.js';
import type { CertificateAnswer } from './answers.js';
import { managementInfo } from './info-documents.js';
import type { DocumentUrls } from './info-documents.js';
import { pairAgain } from './pair-again.js';
import { pathsOf } from './paths.js';
import { readCsrBody, readRevocationReason } from './requests.js';
import { renewalWindow } from './renewal-window.js';
import type { RenewCertificate } from './renew-certificate.js';

export interface HolderEdges extends PresentedEdges {
  readonly renew: RenewCertificate;
  readonly revoke: RevokeCertificate;
  readonly answer: (issued: IssuedCertificate) => Promise<CertificateAnswer>;
  readonly urls: DocumentUrls;
}

/**
 * Mounts what a client of one kind gets with its certificate: info, renewal, revocation. A certificate of either kind
 * may be revoked by its holder under either prefix, as in the original.
 */
export function mountHolderRoutes(router: Router, kind: ClientKind, edges: HolderEdges): void {
  const { renew, revoke, answer, urls } = edges;
  const paths = pathsOf(kind);
  const valid = { states: ['valid'], kinds: [kind], wayBack: pairAgain } as const;
  const holderOrRevoked = requireHolder(edges, {
    use: 'revocation',
    states: ['valid', 'revoked'],
    kinds: ['application', 'runtime'],
    wayBack: pairAgain,
  });
  mountPath(router, paths.managementInfo, {
    get: [
      requireHolder(edges, { use: 'info', ...valid }),
      (_request, response) => {
        const holder = holderOf(response);
        const renewal = renewalWindow(holder);
        response.setHeader('Retry-After', renewal.askAgainSeconds);
        sendJson(response, 200, managementInfo({ urls, ...holder, kind, renewal }));
      },
    ],
  });
  mountPath(router, paths.renewals, {
    post: [
      requireHolder(edges, { use: 'renewal', ...valid }),
      readBody,
      async (request, response) => {
        const { requestId } = contextOf(request);
        const issued = await renew({
          presented: holderOf(response),
          csr: readCsrBody(bodyOf(request)),
          requestId,
        });
        sendJson(response, 201, await answer(issued));
      },
    ],
  });
  mountPath(router, paths.revocations, {
    post: [
      holderOrRevoked,
      readBody,
      async (request, response) => {
        const certificate = holderOf(response);
        const reason = readRevocationReason(bodyOf(request));
        const actor = `${certificate.kind}:${certificate.holder}`;
        // A revoked one has no say any more: a graver reason, which takes others along, is for the operator to give.
        if (certificate.revokedAt === null)
          await revoke({ certificate, reason, actor, requestId: contextOf(request).requestId });
        sendJson(response, 201);
      },
    ],
  });
}
