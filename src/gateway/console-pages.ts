import { Router } from 'express';
import type { RequestHandler } from 'express';
import { trustAnchor } from '../authority/authority.js';
import { makeReadHistory } from '../connector/application-history.js';
import { makeApplicationStore } from '../connector/application-store.js';
import type { CreateToken } from '../connector/create-token.js';
import { makeWithdrawToken } from '../connector/withdraw-token.js';
import { makeApplicationListRoutes } from '../console/application-list-routes.js';
import { makeApplicationRevocationRoutes } from '../console/application-revocation-routes.js';
import { makeApplicationRoutes } from '../console/application-routes.js';
import { makeApplicationTokenRoutes } from '../console/application-token-routes.js';
import { makeOverviewRoutes } from '../console/overview-routes.js';
import { makeCountEndingMonths } from '../credentials/ending-months.js';
import { makeListExpiries } from '../credentials/expiry-store.js';
import { makeListLatestEvents } from '../credentials/latest-events.js';
import { makeMemberStore } from '../credentials/member-store.js';
import { makeListOpenRollOvers, makeListWaitingServices } from '../credentials/waiting-services.js';
import { makeListRotations } from '../governance/rotation-list-store.js';
import { encodePem } from '../pki/pem.js';
import type { Foundation } from './foundation.js';
import type { GatewayUrls } from './urls.js';

/** The pages of applications; the guards end with requireViewer. */
export function makeApplicationPages(
  foundation: Foundation,
  urls: GatewayUrls,
  own: { readonly guards: readonly RequestHandler[]; readonly createToken: CreateToken },
): Router {
  const { config, database, stores, authorities, clock } = foundation;
  const { mode, subject } = config;
  const shared = { ...own, mode, clock, adminUrl: urls.admin };
  const { certificates, tokens, revokeByHash } = stores;
  const anchor = () => trustAnchor(authorities.serverIssuer());
  return Router().use(
    makeApplicationTokenRoutes({
      ...shared,
      subject,
      gatewayUrl: urls.gateway,
      caPem: () => encodePem('CERTIFICATE', anchor().der),
    }),
    makeApplicationRevocationRoutes({ ...shared, certificates, revokeByHash }),
    makeApplicationListRoutes({ ...shared, applications: makeApplicationStore(database.db) }),
    makeApplicationRoutes({
      ...shared,
      readHistory: makeReadHistory(database.db),
      tokens,
      withdrawToken: makeWithdrawToken({ ...stores, clock }),
    }),
  );
}

/** The first page. */
export function makeOverviewPage(
  { database: { db }, clock }: Foundation,
  guards: readonly RequestHandler[],
): Router {
  return makeOverviewRoutes({
    countEndingMonths: makeCountEndingMonths({ db, clock }),
    listExpiries: makeListExpiries(db),
    listWaitingServices: makeListWaitingServices(db),
    listOpenRollOvers: makeListOpenRollOvers(db),
    listLatestEvents: makeListLatestEvents(db),
    listRotations: makeListRotations(db),
    members: makeMemberStore(db),
    clock,
    guards,
  });
}
