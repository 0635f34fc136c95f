import { Router } from 'express';
import type { RequestHandler } from 'express';
import { trustAnchor } from '../authority/authority.js';
import type { Authority } from '../authority/authority.js';
import { makeChainsOf } from '../authority/chains.js';
import { makeAnswerOcsp } from '../authority/answer-ocsp.js';
import { makeFindStatus } from '../authority/certificate-status-store.js';
import { makeCurrentResponder } from '../authority/ocsp-responder.js';
import { makeOcspRoutes } from '../authority/ocsp-routes.js';
import { makeCurrentRevocationList } from '../authority/current-revocation-list.js';
import { makeRevocationListStore } from '../authority/revocation-list-store.js';
import { listRevoked } from '../authority/revocation-store.js';
import { makePkiRoutes } from '../authority/routes.js';
import { makeSignedHere } from '../authority/signed-here.js';
import { makeCertificateAnswer } from '../connector/answers.js';
import { makeCreateToken } from '../connector/create-token.js';
import { makeEnrolCertificate } from '../connector/enrol-certificate.js';
import { makeExchangeToken } from '../connector/exchange-token.js';
import type { DocumentUrls } from '../connector/info-documents.js';
import { makeInternalRoutes } from '../connector/internal-routes.js';
import { makeRenewCertificate } from '../connector/renew-certificate.js';
import { makeConnectorRoutes } from '../connector/routes.js';
import { makePresentToken } from '../connector/tokens.js';
import { makeIdentify } from '../http/client-identity.js';
import { makeHealthRoutes } from '../http/health.js';
import { makeMetricsRoutes } from '../http/metrics-routes.js';
import { limitByAddress, makeRateLimit } from '../http/rate-limit.js';
import { refuseBrowsers } from '../http/refuse-browsers.js';
import { contextOf } from '../http/request-context.js';
import { watchIdentityHeaders } from '../http/watch-identity-headers.js';
import { makeAuthenticateOperator } from '../people/access-tokens.js';
import type { Foundation } from './foundation.js';
import { servedHosts } from './urls.js';
import type { GatewayUrls } from './urls.js';

/** What each listener serves, in the order in which it is looked through. */
export interface Routers {
  readonly gateway: readonly Router[];
  readonly admin: readonly Router[];
  readonly pki: readonly Router[];
  readonly internal: readonly Router[];
}

/** Requests a minute from one address that shows no good certificate. */
const addressRate = 1_200;
/** Requests a minute from one address for what is public. */
const pkiRate = 6_000;

/** Wires operations to routes, now that the URLs are known. */
export function makeRouters(foundation: Foundation, urls: GatewayUrls): Routers {
  const documentUrls: DocumentUrls = {
    gatewayUrl: urls.gateway,
    eventsBaseUrl: foundation.config.eventsBaseUrl ?? urls.gateway,
  };
  return {
    gateway: [makeHeaderWatch(foundation), makeGatewayRouter(foundation, documentUrls)],
    ...makeOperatorRouters(foundation, urls),
    pki: [makeHealth(foundation), makePkiLimit(), makePki(foundation), makeOcsp(foundation)],
  };
}

/** Signing answers takes its share of the process that renews; a relying party may ask for many of its clients. */
function makePkiLimit(): Router {
  return Router().use(limitByAddress(makeRateLimit(pkiRate)));
}

/** No proxy is trusted in this release, so whoever sends such a header is not one. */
function makeHeaderWatch({ stores, clock, log }: Foundation): Router {
  const watch = watchIdentityHeaders({
    clock,
    log,
    recordIgnored: ({ address, requestId, headers }) =>
      stores.recordEvent({
        level: 'warning',
        action: 'identity-header.ignored',
        actor: `address:${address}`,
        requestId,
        detail: { headers },
      }),
  });
  return Router().use(watch);
}

function makeGatewayRouter(foundation: Foundation, urls: DocumentUrls): Router {
  const { config, clock, random, stores, issue, authorities } = foundation;
  const { tokens: store, certificates, recordEvent } = stores;
  const { subject, clientValiditySeconds: validitySeconds, tokenTtlSeconds: ttlSeconds } = config;
  return makeConnectorRoutes({
    identify: makeIdentify({
      findRecord: certificates.findBySha256,
      isSignedHere: makeSignedHere(() => authorities.list().map(({ certificate }) => certificate)),
      clock,
    }),
    countByAddress: makeRateLimit(addressRate),
    countByCertificate: makeRateLimit(config.renewalsPerMinute),
    presentToken: makePresentToken({ store, clock }),
    exchangeToken: makeExchangeToken({
      transaction: stores.transaction,
      store,
      clock,
      random,
      ttlSeconds,
      urls,
      subject,
      recordEvent,
    }),
    enrol: makeEnrolCertificate({
      issue,
      certificates,
      tokens: store,
      clock,
      subject,
      validitySeconds,
    }),
    renew: makeRenewCertificate({
      issue,
      certificates,
      clock,
      validitySeconds,
      keyReuse: config.keyReuse,
    }),
    revoke: stores.revoke,
    answer: makeCertificateAnswer(makeChainsOf(authorities)),
    urls,
  });
}

function makeOperatorRouters(
  foundation: Foundation,
  urls: GatewayUrls,
): Pick<Routers, 'admin' | 'internal'> {
  const { config, clock, random, stores, authorities, metrics } = foundation;
  const createToken = makeCreateToken({
    transaction: stores.transaction,
    store: stores.tokens,
    clock,
    random,
    ttlSeconds: config.tokenTtlSeconds,
    gatewayUrl: urls.gateway,
    caSha256: () => Promise.resolve(trustAnchor(authorities.serverIssuer()).sha256),
    recordEvent: stores.recordEvent,
    isPaired: (application) => stores.certificates.isPaired(application, clock()),
  });
  const guards = [
    limitByAddress(makeRateLimit(addressRate)),
    refuseBrowsers(new Set(servedHosts(config))),
  ];
  const operator = makeAuthenticateOperator({ store: stores.accessTokens, clock });
  const edges = { createToken, revokeByHash: stores.revokeByHash, guards };
  const requireAuditor: RequestHandler = async (request, _response, next) => {
    contextOf(request).actor =
      `operator:${(await operator(request.headers.authorization, 'read')).id}`;
    next();
  };
  return {
    admin: [
      makeInternalRoutes({
        ...edges,
        authenticate: async (authorization, right) =>
          `operator:${(await operator(authorization, right)).id}`,
      }),
      makeMetricsRoutes(metrics, [...guards, requireAuditor]),
    ],
    // Whoever reaches this listener may use it: a network policy stands in for the token.
    internal: [makeInternalRoutes({ ...edges, authenticate: () => Promise.resolve('network') })],
  };
}

function makeHealth({ database, authorities, clock, random, log }: Foundation): Router {
  return makeHealthRoutes({
    log,
    checks: [
      ['database', () => database.ping()],
      [
        'authority',
        async () => {
          const { certificate, signer } = authorities.active().issuer;
          if (clock() > certificate.notAfter) throw new Error('the authority has expired');
          await signer.sign(random(32));
        },
      ],
    ],
  });
}

function makePki({ database, authorities, clock }: Foundation): Router {
  const authority = authorities.active();
  return makePkiRoutes({
    authority,
    currentRevocationList: makeCurrentRevocationList({
      authority,
      store: makeRevocationListStore(database.db),
      listRevoked: (filter) => listRevoked(database.db, filter),
      clock,
    }),
  });
}

function makeOcsp({ database, authorities, issue, clock, log }: Foundation): Router {
  const findStatus = makeFindStatus(database.db);
  const signing = (): Authority[] =>
    authorities.list().flatMap((one) => (one.signing ? [one.signing] : []));
  const currentResponder = makeCurrentResponder({ issue, findStatus, clock, log });
  return makeOcspRoutes({
    answerOcsp: makeAnswerOcsp({ authorities: signing, findStatus, currentResponder, clock }),
    log,
  });
}
