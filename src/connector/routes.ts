import { Router } from 'express';
import type { Request } from 'express';
import type { RecordedCertificate } from '../authority/certificate-store.js';
import type { IssuedCertificate } from '../authority/issue-certificate.js';
import type { RevokeCertificate } from '../authority/revoke-certificate.js';
import type { Identify } from '../http/client-identity.js';
import { sendJson } from '../http/json-answer.js';
import { limitByAddress } from '../http/rate-limit.js';
import type { CountUse } from '../http/rate-limit.js';
import { bodyOf, readBody } from '../http/read-body.js';
import { contextOf } from '../http/request-context.js';
import { mountPath } from '../http/routing.js';
import type { CertificateAnswer } from './answers.js';
import { makeApiDocument } from './api-document.js';
import type { EnrolCertificate } from './enrol-certificate.js';
import type { ExchangeToken } from './exchange-token.js';
import { holderOf, requireHolder } from './holder.js';
import { managementInfo } from './info-documents.js';
import type { DocumentUrls } from './info-documents.js';
import { readCsrBody, readRevocationReason } from './requests.js';
import { renewalWindow } from './renewal-window.js';
import type { RenewCertificate } from './renew-certificate.js';
import type { EnrolmentToken } from './token-store.js';
import type { PresentToken } from './tokens.js';

export interface ConnectorEdges {
  readonly identify: Identify<RecordedCertificate>;
  readonly countByAddress: CountUse;
  readonly countByCertificate: CountUse;
  readonly presentToken: PresentToken;
  readonly exchangeToken: ExchangeToken;
  readonly enrol: EnrolCertificate;
  readonly renew: RenewCertificate;
  readonly revoke: RevokeCertificate;
  readonly answer: (issued: IssuedCertificate) => Promise<CertificateAnswer>;
  readonly urls: DocumentUrls;
}

/** The external API of the Connector Service, for the gateway listener. */
export function makeConnectorRoutes(edges: ConnectorEdges): Router {
  const router = Router({ strict: true, caseSensitive: true });
  mountDocuments(router);
  mountPairing(router, edges);
  mountHolderRoutes(router, edges);
  return router;
}

function mountDocuments(router: Router): void {
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
  const document = makeApiDocument();
  mountPath(router, '/v1/api.yaml', {
    get: [
      (_request, response) => {
        response.type('application/yaml').send(document);
      },
    ],
  });
}

function mountPairing(router: Router, edges: ConnectorEdges): void {
  const { presentToken, exchangeToken, enrol, answer } = edges;
  const byAddress = limitByAddress(edges.countByAddress);
  mountPath(router, '/v1/applications/signingRequests/info', {
    get: [
      byAddress,
      async (request, response) => {
        const token = await presentToken(tokenIn(request), ['pair']);
        contextOf(request).actor = `application:${token.application}`;
        sendJson(response, 200, await exchangeToken(token, contextOf(request).requestId));
      },
    ],
  });
  mountPath(router, '/v1/applications/certificates', {
    post: [
      byAddress,
      async (request, response, next) => {
        const token = await presentToken(tokenIn(request), ['pair', 'enrol']);
        contextOf(request).actor = `application:${token.application}`;
        tokens.set(request, token);
        next();
      },
      readBody,
      async (request, response) => {
        const token = tokenOf(request);
        const { requestId } = contextOf(request);
        const issued = await enrol({ token, csr: readCsrBody(bodyOf(request)), requestId });
        sendJson(response, 201, await answer(issued));
      },
    ],
  });
}

function mountHolderRoutes(router: Router, edges: ConnectorEdges): void {
  const { renew, revoke, answer, urls } = edges;
  const validHolder = requireHolder(edges, { states: ['valid'], kinds: ['application'] });
  const holderOrRevoked = requireHolder(edges, {
    states: ['valid', 'revoked'],
    kinds: ['application'],
  });
  mountPath(router, '/v1/applications/management/info', {
    get: [
      validHolder,
      (_request, response) => {
        const holder = holderOf(response);
        const renewal = renewalWindow(holder);
        response.setHeader('Retry-After', renewal.askAgainSeconds);
        sendJson(response, 200, managementInfo({ urls, ...holder, renewal }));
      },
    ],
  });
  mountPath(router, '/v1/applications/certificates/renewals', {
    post: [
      validHolder,
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
  mountPath(router, '/v1/applications/certificates/revocations', {
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

const tokens = new WeakMap<Request, EnrolmentToken>();

function tokenOf(request: Request): EnrolmentToken {
  const token = tokens.get(request);
  if (!token) throw new Error('a route asked for a token that was not presented');
  return token;
}

/** The token as it stands in the query, raw `=` or percent-encoded; a repeated one is no token. */
function tokenIn(request: Request): unknown {
  return request.query['token'];
}
