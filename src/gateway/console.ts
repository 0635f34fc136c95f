import { Router } from 'express';
import type { CreateToken } from '../connector/create-token.js';
import { makeAssetRoutes } from '../console/assets.js';
import { makeSignInRoutes } from '../console/sign-in-routes.js';
import { requireViewer } from '../console/viewer.js';
import { limitByAddress, makeRateLimit } from '../http/rate-limit.js';
import { requireOwnHost } from '../http/refuse-browsers.js';
import { makeOrganizationStore } from '../people/organization-store.js';
import { makeSignIn } from '../people/sign-in.js';
import { makeOperatorPages } from './console-operators.js';
import { makeApplicationPages, makeOverviewPage } from './console-pages.js';
import { makeProjectConsole } from './console-projects.js';
import { makeConsoleSessions } from './console-sessions.js';
import type { Foundation } from './foundation.js';
import { makeGovernancePages } from './governance.js';
import type { SignInBrakes } from './people.js';
import { servedHosts } from './urls.js';
import type { GatewayUrls } from './urls.js';

/** Requests a minute from one address, behind which a whole office may sit. */
const pageRate = 1_200;

/** The pages of the admin listener. */
export function makeConsole(
  foundation: Foundation,
  urls: GatewayUrls,
  own: { readonly createToken: CreateToken; readonly brakes: SignInBrakes },
): Router {
  const { config, database, stores, clock, random } = foundation;
  const { users, signInAddresses: addresses, transaction, recordEvent } = stores;
  const { limitSignIns, ...brakes } = own.brakes;
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
        addresses,
        grant: sessions.grant,
        ...brakes,
      }),
      sessions,
      cookie,
      cookieSeconds: config.sessions.longestSeconds,
      hasOpenId: config.openId.issuer !== undefined,
      adminUrl: urls.admin,
      guards: admission,
      limitSignIns,
      requireViewer: viewer,
    }),
    makeOverviewPage(foundation, guards),
    makeApplicationPages(foundation, urls, { guards, createToken: own.createToken }),
    makeProjectConsole(foundation, urls, guards),
    makeGovernancePages(foundation, { guards, adminUrl: urls.admin }),
    makeOperatorPages(foundation, { guards, adminUrl: urls.admin, sessions }),
  );
}
