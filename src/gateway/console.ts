import { Router } from 'express';
import type { CreateToken } from '../connector/create-token.js';
import { makeAssetRoutes } from '../console/assets.js';
import { makeSignInRoutes } from '../console/sign-in-routes.js';
import { requireViewer } from '../console/viewer.js';
import { limitByAddress, makeRateLimit } from '../http/rate-limit.js';
import { requireOwnHost } from '../http/refuse-browsers.js';
import { makeOrganizationStore } from '../people/organization-store.js';
import { makeCompare } from '../people/passwords.js';
import { makeSignIn } from '../people/sign-in.js';
import { makeSignInAttempts } from '../people/sign-in-attempts.js';
import { makeOperatorPages } from './console-operators.js';
import { makeApplicationPages, makeOverviewPage } from './console-pages.js';
import { makeProjectConsole } from './console-projects.js';
import { makeConsoleSessions } from './console-sessions.js';
import type { Foundation } from './foundation.js';
import { makeGovernancePages } from './governance.js';
import { servedHosts } from './urls.js';
import type { GatewayUrls } from './urls.js';

/** Requests a minute from one address, behind which a whole office may sit. */
const pageRate = 1_200;
const signInRate = 30;

/** The pages of the admin listener. */
export function makeConsole(
  foundation: Foundation,
  urls: GatewayUrls,
  createToken: CreateToken,
): Router {
  const { config, database, stores, clock, random } = foundation;
  const { users, userTokens: tokens, transaction, recordEvent } = stores;
  const shared = { transaction, recordEvent, clock, random };
  const { sessions, cookie } = makeConsoleSessions(foundation);
  const admission = [
    limitByAddress(makeRateLimit(pageRate)),
    requireOwnHost(new Set(servedHosts(config))),
  ];
  const viewer = requireViewer({
    sessions,
    cookie,
    organizations: makeOrganizationStore(database.db),
  });
  const guards = [...admission, viewer];
  return Router().use(
    makeAssetRoutes(),
    makeSignInRoutes({
      signIn: makeSignIn({
        ...shared,
        users,
        tokens,
        grant: sessions.grant,
        attempts: makeSignInAttempts(clock),
        compare: makeCompare(random),
      }),
      sessions,
      cookie,
      cookieSeconds: config.sessions.longestSeconds,
      hasOpenId: config.openId.issuer !== undefined,
      adminUrl: urls.admin,
      guards: admission,
      limitSignIns: limitByAddress(makeRateLimit(signInRate)),
      requireViewer: viewer,
    }),
    makeOverviewPage(foundation, guards),
    makeApplicationPages(foundation, urls, { guards, createToken }),
    makeProjectConsole(foundation, urls, guards),
    makeGovernancePages(foundation, { guards, adminUrl: urls.admin }),
    makeOperatorPages(foundation, { guards, adminUrl: urls.admin, sessions }),
  );
}
