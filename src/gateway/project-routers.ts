import { Router } from 'express';
import type { RequestHandler } from 'express';
import { makeAcceptInvitations, makeFindRole } from '../credentials/accept-invitations.js';
import { makeListProjectEvents } from '../credentials/event-store.js';
import { makeMemberRoutes } from '../credentials/member-routes.js';
import { exportPem } from '../credentials/credential-files.js';
import { makeExportJava } from '../credentials/export-java.js';
import { makeNextKeyRoutes } from '../credentials/next-key-routes.js';
import { makeProjectCaRoutes } from '../credentials/project-ca-routes.js';
import { makeProjectRoutes } from '../credentials/project-routes.js';
import { makeChangeWebhooks } from '../credentials/change-webhooks.js';
import { makeWebhookRoutes } from '../credentials/webhook-routes.js';
import { makeWebhookStore } from '../notifications/webhook-store.js';
import { makeRenewalRoutes } from '../credentials/renewal-routes.js';
import { makeServiceRoutes } from '../credentials/service-routes.js';
import { makeServiceUserRoutes } from '../credentials/service-user-routes.js';
import { makeAuthenticateUser } from '../people/authenticate-user.js';
import { requireCaller } from '../people/caller.js';
import { makeGroupRoutes } from '../people/group-routes.js';
import { makeOrganizationRoutes } from '../people/organization-routes.js';
import { webhookRules } from './announcements.js';
import type { Foundation } from './foundation.js';
import { makeProjectStores } from './project-stores.js';

/** What users see of organisations, projects and services, behind the guards of the admin listener. */
export function makeProjectRouter(
  foundation: Foundation,
  admission: readonly RequestHandler[],
): Router {
  const { config, database, masterKey, stores, clock, random } = foundation;
  const { db } = database;
  const { transaction, recordEvent } = stores;
  const { renewalDefaults, secrets: secretsMode } = config;
  const edges = { db, transaction, recordEvent, clock, random, renewalDefaults };
  const own = makeProjectStores(edges);
  const { users, userTokens: tokens } = stores;
  const authenticate = makeAuthenticateUser({ users, tokens, clock });
  const guards = [...admission, requireCaller(authenticate)];
  const invited = { ...own, transaction, clock, recordChange: recordEvent };
  const findRole = makeFindRole(invited);
  const webhooks = makeWebhookStore(db);
  const serviceUsers = { ...foundation.serviceUsers, secretsMode, findRole, guards };
  return Router().use(
    makeOrganizationRoutes({ store: own.organizations, guards }),
    makeGroupRoutes({ ...own, guards }),
    makeProjectRoutes({
      ...own,
      changeProjects: {
        ...own.changeProjects,
        create: async (order) => {
          const project = await own.changeProjects.create(order);
          await serviceUsers.authorities.activeAuthority(project.name);
          return project;
        },
      },
      acceptInvitations: makeAcceptInvitations(invited),
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
    makeProjectCaRoutes(serviceUsers),
    makeServiceRoutes(serviceUsers),
    makeRenewalRoutes(serviceUsers),
    makeNextKeyRoutes(serviceUsers),
    makeServiceUserRoutes({
      ...serviceUsers,
      exportFormats: { pem: exportPem, java: makeExportJava(random) },
    }),
  );
}
