import { Router } from 'express';
import type { RequestHandler } from 'express';
import { makeFindRole } from '../credentials/accept-invitations.js';
import { makeListProjectEvents } from '../credentials/event-store.js';
import { makeMemberRoutes } from '../credentials/member-routes.js';
import { makeCaRotationRoutes } from '../credentials/ca-rotation-routes.js';
import { makeExportFormats } from '../credentials/export-formats.js';
import { makeExpiryRoutes } from '../credentials/expiry-routes.js';
import { makeListExpiries } from '../credentials/expiry-store.js';
import { makeNextKeyRoutes } from '../credentials/next-key-routes.js';
import { makeProjectCaRoutes } from '../credentials/project-ca-routes.js';
import type { FindRole } from '../credentials/project-access.js';
import { makeProjectRoutes } from '../credentials/project-routes.js';
import { makeChangeWebhooks } from '../credentials/change-webhooks.js';
import { makeWebhookRoutes } from '../credentials/webhook-routes.js';
import { makeWebhookStore } from '../notifications/webhook-store.js';
import { makeRenewalRoutes } from '../credentials/renewal-routes.js';
import { makeSelfServiceRoutes } from '../credentials/self-service-routes.js';
import { makeServiceCertificateRoutes } from '../credentials/service-certificate-routes.js';
import { makeServiceRoutes } from '../credentials/service-routes.js';
import { makeServiceUserRoutes } from '../credentials/service-user-routes.js';
import { makeAuthenticateUser } from '../people/authenticate-user.js';
import { requireCallerByBasic } from '../people/basic-caller.js';
import { requireCaller } from '../people/caller.js';
import { makeGroupRoutes } from '../people/group-routes.js';
import { makeOrganizationRoutes } from '../people/organization-routes.js';
import { webhookRules } from './announcements.js';
import type { Foundation } from './foundation.js';
import { makeGovernanceRouter } from './governance.js';
import { makeProjectStores } from './project-stores.js';

/** What users see of organisations, projects and services, behind the guards of the admin listener. */
export function makeProjectRouter(
  foundation: Foundation,
  admission: readonly RequestHandler[],
): Router {
  const { config, database, masterKey, stores, clock, random } = foundation;
  const { db } = database;
  const { transaction, recordEvent } = stores;
  const { renewalDefaults } = config;
  const edges = { db, transaction, recordEvent, clock, random, renewalDefaults };
  const own = makeProjectStores(edges);
  const { users, userTokens: tokens } = stores;
  const authenticate = makeAuthenticateUser({ users, tokens, clock });
  const guards = [...admission, requireCaller(authenticate)];
  const invited = { ...own, transaction, clock, recordChange: recordEvent };
  const findRole = makeFindRole(invited);
  const webhooks = makeWebhookStore(db);
  return Router().use(
    makeOrganizationRoutes({ store: own.organizations, guards }),
    makeGroupRoutes({ ...own, guards }),
    makeProjectRoutes({
      ...own,
      changeProjects: {
        ...own.changeProjects,
        create: async (order) => {
          const project = await own.changeProjects.create(order);
          await foundation.serviceUsers.authorities.activeAuthority(project.name);
          return project;
        },
      },
      listEvents: makeListProjectEvents(db),
      findRole,
      guards,
    }),
    makeMemberRoutes({ ...own, findRole, guards }),
    makeWebhookRoutes({
      webhooks,
      changeWebhooks: makeChangeWebhooks({
        ...invited,
        webhooks,
        rules: webhookRules(config),
        sealing: masterKey,
        random,
      }),
      findRole,
      guards,
    }),
    makeExpiryRoutes({
      ...own,
      listExpiries: makeListExpiries(db),
      findRole,
      guards: [...admission, ...requireCallerByBasic(authenticate)],
      clock,
    }),
    makeServiceRouter(foundation, { findRole, guards }),
    makeGovernanceRouter(foundation, guards),
  );
}

function makeServiceRouter(
  { config, serviceUsers: operations, clock, random }: Foundation,
  access: { readonly findRole: FindRole; readonly guards: readonly RequestHandler[] },
): Router {
  const serviceUsers = { ...operations, ...access, secretsMode: config.secrets };
  return Router().use(
    makeProjectCaRoutes(serviceUsers),
    makeCaRotationRoutes(serviceUsers),
    makeServiceRoutes(serviceUsers),
    makeRenewalRoutes(serviceUsers),
    makeNextKeyRoutes(serviceUsers),
    makeServiceCertificateRoutes({ ...serviceUsers, clock }),
    makeSelfServiceRoutes(serviceUsers),
    makeServiceUserRoutes({ ...serviceUsers, exportFormats: makeExportFormats(random) }),
  );
}
