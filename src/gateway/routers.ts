import { Router } from 'express';
import type { RequestHandler } from 'express';
import { trustAnchor } from '../authority/authority.js';
import { makeChainsOf } from '../authority/chains.js';
import { publishedCertificates } from '../authority/published-authorities.js';
import { makeSignedHere } from '../authority/signed-here.js';
import { makeCertificateAnswer } from '../connector/answers.js';
import { makeCreateToken } from '../connector/create-token.js';
import { makeEnrolCertificate } from '../connector/enrol-certificate.js';
import { makeExchangeToken } from '../connector/exchange-token.js';
import type { DocumentUrls } from '../connector/info-documents.js';
import { makeInternalRoutes } from '../connector/internal-routes.js';
import { makeIssueToken } from '../connector/issue-token.js';
import { makeRecoverCertificate } from '../connector/recover-certificate.js';
import { makeRenewCertificate } from '../connector/renew-certificate.js';
import { makeConnectorRoutes } from '../connector/routes.js';
import type { ConnectorEdges } from '../connector/routes.js';
import { makeSubjectFor } from '../connector/token-subject.js';
import { makePresentToken } from '../connector/tokens.js';
import { makeEstRoutes } from '../est/routes.js';
import { makeIdentify } from '../http/client-identity.js';
import { makeReadForwarded } from '../http/forwarded-certificate.js';
import { makeJudgeProxy } from '../http/judge-proxy.js';
import { makeMetricsRoutes } from '../http/metrics-routes.js';
import { limitByAddress, makeRateLimit } from '../http/rate-limit.js';
import { refuseBrowsers } from '../http/refuse-browsers.js';
import { requireHttps } from '../http/require-https.js';
import { contextOf } from '../http/request-context.js';
import { watchIdentityHeaders } from '../http/watch-identity-headers.js';
import { makeAuthenticateOperator } from '../people/access-tokens.js';
import { makeAdoption } from './adoption.js';
import { makeConsole } from './console.js';
import type { Foundation } from './foundation.js';
import type { FoundationWithLists } from './kept-revocation-lists.js';
import { makeOpenApiRoutes } from './openapi-routes.js';
import { makeOpenIdRouters } from './openid.js';
import { makePeople, makeSignInBrakes } from './people.js';
import { makeProjectRouter } from './project-routers.js';
import { makeHolderRouter } from './holder-router.js';
import { makePkiRouters } from './pki-routers.js';
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
/** Wires operations to routes, now that the URLs are known. */
export function makeRouters(foundation: FoundationWithLists, urls: GatewayUrls): Routers {
  const documentUrls: DocumentUrls = {
    gatewayUrl: urls.gateway,
    eventsBaseUrl: foundation.config.eventsBaseUrl ?? urls.gateway,
  };
  return {
    gateway: [makeHeaderWatch(foundation), makeGatewayRouter(foundation, documentUrls)],
    ...makeOperatorRouters(foundation, urls),
    pki: makePkiRouters(foundation),
  };
}

function makeHeaderWatch({ config, stores, clock, log }: Foundation): Router {
  const watch = watchIdentityHeaders({
    judgeProxy: makeJudgeProxy(config.proxies.gateway),
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
  const { subject, clientValiditySeconds: validitySeconds, keyReuse } = config;
  const enrolment = { issue, certificates, tokens: store, clock, validitySeconds };
  const edges: ConnectorEdges = {
    mode: config.mode,
    identify: makeIdentify({
      findRecord: certificates.findBySha256,
      isSignedHere: makeSignedHere(() => authorities.list().map(({ certificate }) => certificate)),
      readForwarded: makeReadForwarded({
        judgeProxy: makeJudgeProxy(config.proxies.gateway),
        hops: config.proxies.hops,
      }),
      adopt: makeAdoption(foundation),
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
      ttlSeconds: config.tokenTtlSeconds,
      urls,
      subjectFor: makeSubjectFor({ certificates, subject }),
      recordEvent,
    }),
    enrol: makeEnrolCertificate({
      ...enrolment,
      subject,
      recover: makeRecoverCertificate({ ...enrolment, lines: stores.lines, keyReuse }),
    }),
    renew: makeRenewCertificate({
      issue,
      certificates,
      clock,
      validitySeconds,
      keyReuse,
    }),
    revoke: stores.revoke,
    answer: makeCertificateAnswer(makeChainsOf(authorities)),
    urls,
  };
  const est = makeEstRoutes({
    ...edges,
    publishedCertificates: () => publishedCertificates(authorities.list()).map(({ der }) => der),
  });
  return Router().use(makeConnectorRoutes(edges), est, makeHolderRouter(foundation, edges));
}

function makeOperatorRouters(
  foundation: Foundation,
  urls: GatewayUrls,
): Pick<Routers, 'admin' | 'internal'> {
  const { config, clock, random, stores, authorities, metrics } = foundation;
  const createToken = makeCreateToken({
    issueToken: makeIssueToken({
      transaction: stores.transaction,
      store: stores.tokens,
      clock,
      random,
      ttlSeconds: config.tokenTtlSeconds,
      gatewayUrl: urls.gateway,
      caSha256: () => Promise.resolve(trustAnchor(authorities.serverIssuer()).sha256),
      recordEvent: stores.recordEvent,
    }),
    isPaired: (client) => stores.certificates.isPaired(client, clock()),
  });
  const guards = [
    limitByAddress(makeRateLimit(addressRate)),
    refuseBrowsers(new Set(servedHosts(config))),
  ];
  const operator = makeAuthenticateOperator({ store: stores.accessTokens, clock });
  const { mode } = config;
  const brakes = makeSignInBrakes(foundation);
  const edges = { mode, createToken, revokeByHash: stores.revokeByHash, guards };
  const requireAuditor: RequestHandler = async (request, _response, next) => {
    contextOf(request).actor =
      `operator:${(await operator(request.headers.authorization, 'read')).id}`;
    next();
  };
  return {
    admin: [
      ...makeHttpsGuard(config),
      makeInternalRoutes({
        ...edges,
        authenticate: async (authorization, right) =>
          `operator:${(await operator(authorization, right)).id}`,
      }),
      makeMetricsRoutes(metrics, [...guards, requireAuditor]),
      makeOpenApiRoutes(clock),
      makePeople(foundation, guards, brakes),
      ...makeOpenIdRouters(foundation, urls),
      makeProjectRouter(foundation, guards),
      makeConsole(foundation, urls, { createToken, brakes }),
    ],
    // Whoever reaches this listener may use it: a network policy stands in for the token.
    internal: [makeInternalRoutes({ ...edges, authenticate: () => Promise.resolve('network') })],
  };
}

/** Nothing where the admin listener has no proxies: then its own TLS, or a loopback address, does. */
function makeHttpsGuard({ admin, proxies }: Foundation['config']): Router[] {
  if (proxies.admin.length === 0) return [];
  const judgeProxy = makeJudgeProxy(proxies.admin);
  return [Router().use(requireHttps({ judgeProxy, hasTls: admin.tls }))];
}
