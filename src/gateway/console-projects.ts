import { Router } from 'express';
import type { RequestHandler } from 'express';
import { makeProjectPages } from '../console/project-routes.js';
import { makeServicePages } from '../console/service-routes.js';
import { makeServiceUserChanges } from '../console/service-user-change-routes.js';
import { makeServiceUserPages } from '../console/service-user-routes.js';
import { makeFindRole } from '../credentials/accept-invitations.js';
import { makeListProjectEvents } from '../credentials/event-store.js';
import { makeExportFiles } from '../credentials/export-files.js';
import { makeExportFormats } from '../credentials/export-formats.js';
import type { ServiceUser } from '../credentials/service-user.js';
import { makeUserListStore } from '../credentials/user-list-store.js';
import { makeAccessStore } from '../governance/access-store.js';
import type { Foundation } from './foundation.js';
import { makeProjectStores } from './project-stores.js';
import type { GatewayUrls } from './urls.js';

/** The pages of projects, their services and users: the operations that the routes call. */
export function makeProjectConsole(
  foundation: Foundation,
  urls: GatewayUrls,
  guards: readonly RequestHandler[],
): Router {
  const { config, database, stores, serviceUsers, clock, random } = foundation;
  const { db } = database;
  const { transaction, recordEvent, certificates } = stores;
  const { renewalDefaults } = config;
  const own = makeProjectStores({ db, transaction, recordEvent, clock, random, renewalDefaults });
  const accesses = makeAccessStore(db);
  const edges = {
    ...serviceUsers,
    ...own,
    userLists: makeUserListStore(db),
    listEvents: makeListProjectEvents(db),
    exportFiles: makeExportFiles({ ...serviceUsers, exportFormats: makeExportFormats(random) }),
    findAccess: async ({ project, accessId }: ServiceUser) => {
      const organizationId = (await own.projects.find(project))?.organizationId;
      if (organizationId === undefined || accessId === null) return undefined;
      return accesses.find({ organizationId, id: accessId });
    },
    findRole: makeFindRole({ ...own, transaction, clock, recordChange: recordEvent }),
    certificates,
    clock,
    adminUrl: urls.admin,
    guards,
  };
  return Router().use(
    makeProjectPages(edges),
    makeServicePages(edges),
    makeServiceUserPages(edges),
    makeServiceUserChanges(edges),
  );
}
