import type { Request, Router } from 'express';
import type { ClientKind } from '../authority/certificate-kinds.js';
import type { IssuedCertificate } from '../authority/issue-certificate.js';
import { sendJson } from '../http/json-answer.js';
import { limitByAddress } from '../http/rate-limit.js';
import type { CountUse } from '../http/rate-limit.js';
import { bodyOf, readBody } from '../http/read-body.js';
import { contextOf } from '../http/request-context.js';
import { mountPath } from '../http/routing.js';
import type { CertificateAnswer } from './answers.js';
import { actorName } from './client.js';
import type { EnrolCertificate } from './enrol-certificate.js';
import type { ExchangeToken } from './exchange-token.js';
import { pathsOf } from './paths.js';
import { readCsrBody } from './requests.js';
import type { EnrolmentToken } from './token-store.js';
import type { PresentToken } from './tokens.js';

export interface PairingEdges {
  readonly countByAddress: CountUse;
  readonly presentToken: PresentToken;
  readonly exchangeToken: ExchangeToken;
  readonly enrol: EnrolCertificate;
  readonly answer: (issued: IssuedCertificate) => Promise<CertificateAnswer>;
}

/** Mounts what a client of one kind gets by token: the info document and its first certificate. */
export function mountPairing(router: Router, kind: ClientKind, edges: PairingEdges): void {
  const { presentToken, exchangeToken, enrol, answer } = edges;
  const paths = pathsOf(kind);
  const byAddress = limitByAddress(edges.countByAddress);
  mountPath(router, paths.signingInfo, {
    get: [
      byAddress,
      async (request, response) => {
        const token = await presentToken(tokenIn(request), ['pair', 'recover'], kind);
        contextOf(request).actor = actorName(token);
        sendJson(response, 200, await exchangeToken(token, contextOf(request).requestId));
      },
    ],
  });
  mountPath(router, paths.certificates, {
    post: [
      byAddress,
      async (request, response, next) => {
        const purposes = ['pair', 'recover', 'enrol'] as const;
        const token = await presentToken(tokenIn(request), purposes, kind);
        contextOf(request).actor = actorName(token);
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
