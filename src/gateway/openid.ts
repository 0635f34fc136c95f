import type { Router } from 'express';
import { makeAcceptInvitations } from '../credentials/accept-invitations.js';
import { makeInvitationStore } from '../credentials/invitation-store.js';
import { makeMemberStore } from '../credentials/member-store.js';
import { makeProjectStore } from '../credentials/project-store.js';
import { limitByAddress, makeRateLimit } from '../http/rate-limit.js';
import { readClientSecret } from '../people/openid/client-secret.js';
import { makeFindOrMakeUser } from '../people/openid/find-or-make-user.js';
import { makeGrantIdentitySession, makeGrantIdentityToken } from '../people/openid/grants.js';
import { makeRedeemSignIn } from '../people/openid/redeem-sign-in.js';
import { signInPaths } from '../people/openid/pages.js';
import { makeOpenIdProvider } from '../people/openid/provider.js';
import { makeOpenIdRoutes } from '../people/openid/routes.js';
import { makeSignInNotes } from '../people/openid/sign-in-notes.js';
import { makeSignInWithIdentity } from '../people/openid/sign-in-with-identity.js';
import type { SignInWithIdentity } from '../people/openid/sign-in-with-identity.js';
import { makeUseOnce } from '../people/openid/used-store.js';
import { makeConsoleSessions } from './console-sessions.js';
import type { Foundation } from './foundation.js';
import type { GatewayUrls } from './urls.js';

/** Requests a minute from one address, behind which a whole office may sit: a sign-in takes three. */
const openIdRate = 300;

/** Sign-in by OpenID Connect; nothing where no provider is set. */
export function makeOpenIdRouters(foundation: Foundation, urls: GatewayUrls): Router[] {
  const { config, database, masterKey, stores, clock, random } = foundation;
  const { issuer, clientId, clientSecretFile } = config.openId;
  if (issuer === undefined || clientId === undefined) return [];
  const { users, userTokens: tokens, transaction, recordEvent } = stores;
  const edges = { users, tokens, transaction, recordEvent, clock, random };
  const notes = makeSignInNotes({ sealing: masterKey, clock });
  const useOnce = makeUseOnce(database.db, clock);
  const redeeming = { users, transaction, notes, useOnce };
  const { sessions, cookie: sessionCookie } = makeConsoleSessions(foundation);
  const router = makeOpenIdRoutes({
    provider: makeOpenIdProvider({
      issuer,
      clientId,
      // Read again with the provider's document: a new secret needs no restart.
      readSecret: async () =>
        clientSecretFile === undefined ? undefined : await readClientSecret(clientSecretFile),
      redirectUri: `${urls.admin}${signInPaths.callback}`,
      clock,
    }),
    signIn: makeSignIn(foundation),
    redeemForToken: makeRedeemSignIn({ ...redeeming, grant: makeGrantIdentityToken(edges) }),
    redeemForSession: makeRedeemSignIn({
      ...redeeming,
      grant: makeGrantIdentitySession({ ...edges, sessions }),
    }),
    sessions,
    sessionCookie,
    sessionSeconds: config.sessions.longestSeconds,
    notes,
    useOnce,
    random,
    adminUrl: urls.admin,
    isHttps: config.admin.tls || config.proxies.admin.length > 0,
    guards: [limitByAddress(makeRateLimit(openIdRate))],
  });
  return [router];
}

function makeSignIn(foundation: Foundation): SignInWithIdentity {
  const { config, database, stores, clock, random } = foundation;
  const { users, identities, transaction, recordEvent } = stores;
  const { signUpDomains } = config.openId;
  return makeSignInWithIdentity({
    findOrMakeUser: makeFindOrMakeUser({ users, identities, signUpDomains, clock, random }),
    acceptInvitations: makeAcceptInvitations({
      projects: makeProjectStore(database.db),
      members: makeMemberStore(database.db),
      invitations: makeInvitationStore(database.db),
      transaction,
      clock,
      recordChange: recordEvent,
    }),
    transaction,
    recordEvent,
    clock,
  });
}
