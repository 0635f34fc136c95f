import { Router } from 'express';
import type { RequestHandler } from 'express';
import { makeAcceptInvitations, makeFindRole } from '../credentials/accept-invitations.js';
import { makeListProjectEvents } from '../credentials/event-store.js';
import { makeMemberRoutes } from '../credentials/member-routes.js';
import { makeProjectRoutes } from '../credentials/project-routes.js';
import { makeAuthenticateUser } from '../people/authenticate-user.js';
import { requireCaller } from '../people/caller.js';
import { makeGroupRoutes } from '../people/group-routes.js';
import { makeOrganizationRoutes } from '../people/organization-routes.js';
import type { Foundation } from './foundation.js';
import { makeProjectStores } from './project-stores.js';

/** What users see of organisations and projects, behind the guards of the admin listener. */
export function makeProjectRouter(
  { config, database, stores, clock, random }: Foundation,
  admission: readonly RequestHandler[],
): Router {
  const { db } = database;
  const { transaction, recordEvent } = stores;
  const own = makeProjectStores({
    db,
    transaction,
    recordEvent,
    renewalDefaults: config.renewalDefaults,
    clock,
    random,
  });
  const { users, userTokens: tokens } = stores;
  const authenticate = makeAuthenticateUser({ users, tokens, clock });
  const guards = [...admission, requireCaller(authenticate)];
  const invited = { ...own, transaction, clock, recordChange: recordEvent };
  const findRole = makeFindRole(invited);
  return Router().use(
    makeOrganizationRoutes({ store: own.organizations, guards }),
    makeGroupRoutes({ ...own, guards }),
    makeProjectRoutes({
      ...own,
      acceptInvitations: makeAcceptInvitations(invited),
      listEvents: makeListProjectEvents(db),
      findRole,
      guards,
    }),
    makeMemberRoutes({ ...own, findRole, guards }),
  );
}
