import { Router } from 'express';
import type { RequestHandler } from 'express';
import { makeAccessPages } from '../console/governance-access-routes.js';
import { makeCredentialsPages } from '../console/governance-credentials-routes.js';
import { makeRequestLists } from '../console/governance-list-routes.js';
import { makeRequestPages } from '../console/governance-request-routes.js';
import { makeExportJava } from '../credentials/export-java.js';
import { makeProjectStore } from '../credentials/project-store.js';
import { makeListAccesses } from '../governance/access-list-store.js';
import { makeAccessRoutes } from '../governance/access-routes.js';
import { makeAccessStore, placeOf } from '../governance/access-store.js';
import type { Access } from '../governance/access.js';
import { makeViewAccesses } from '../governance/access-view.js';
import { makeChangeAccesses } from '../governance/change-accesses.js';
import { makeDecideRotation } from '../governance/decide-rotation.js';
import { makeDueRotationStore } from '../governance/due-rotation-store.js';
import { makeFindLatestCredentials } from '../governance/latest-credentials.js';
import { makeProvideCredentials } from '../governance/provide-credentials.js';
import { makeRequestRotation } from '../governance/request-rotation.js';
import { makeRevealCredentials } from '../governance/reveal-credentials.js';
import { makeRotationListRoutes } from '../governance/rotation-list-routes.js';
import { makeListRotations } from '../governance/rotation-list-store.js';
import { makeRotationRoutes } from '../governance/rotation-routes.js';
import { makeRotationStore } from '../governance/rotation-store.js';
import { makeRequireAccessViewer, makeViewRotation } from '../governance/rotation-view.js';
import { makeCredentialSealing } from '../governance/sealed-credentials.js';
import { makeTellRotation } from '../governance/tell-rotation.js';
import { makeTendRotations } from '../governance/tend-rotations.js';
import { outbox } from '../notifications/outbox-store.js';
import { makeGroupStore } from '../people/group-store.js';
import { makeOrganizationStore } from '../people/organization-store.js';
import { makeLease } from '../storage/leases.js';
import type { Foundation } from './foundation.js';
import { keepPass } from './kept-pass.js';
import type { KeptPass } from './kept-pass.js';

/** Wires accesses, requests for new credentials and what comes due of them, over one database. */
function makeGovernance(foundation: Foundation) {
  const { config, database, masterKey, stores, serviceUsers, clock, random, log } = foundation;
  const { db } = database;
  const { decideWithinSeconds, revealWithinSeconds, graceSeconds } = config.rotations;
  const rotations = makeRotationStore(db);
  const { transaction, recordEvent } = stores;
  const edges = {
    ...serviceUsers,
    db,
    transaction,
    recordEvent,
    organizations: makeOrganizationStore(db),
    groups: makeGroupStore(db),
    projects: makeProjectStore(db),
    accesses: makeAccessStore(db),
    rotations,
    sealing: makeCredentialSealing(masterKey, random),
    tell: makeTellRotation({ outbox, recordEvent, graceSeconds, clock }),
    clock,
    random,
    log,
  };
  const provide = makeProvideCredentials({ ...edges, lapseSeconds: revealWithinSeconds });
  const store = makeDueRotationStore(db);
  const changeAccesses = makeChangeAccesses(edges);
  const wiping = makeWiping(foundation);
  return {
    accesses: edges.accesses,
    groups: edges.groups,
    viewAccesses: makeViewAccesses(edges),
    listAccesses: makeListAccesses(db),
    findBroker: async (access: Access) => {
      const place = await placeOf(access, db);
      return place && edges.services.find({ project: place.project, name: place.service });
    },
    organizations: edges.organizations,
    findLatestCredentials: makeFindLatestCredentials(db),
    changeAccesses: { ...changeAccesses, remove: wiping(changeAccesses.remove) },
    requestRotation: makeRequestRotation({ ...edges, lapseSeconds: decideWithinSeconds }),
    decideRotation: makeDecideRotation(edges),
    provideCredentials: wiping(provide),
    revealCredentials: wiping(
      makeRevealCredentials({ ...edges, exportFiles: makeExportJava(random), graceSeconds }),
    ),
    viewRotation: makeViewRotation(edges),
    requireAccessViewer: makeRequireAccessViewer(edges),
    listRotations: makeListRotations(db),
    clock,
    graceSeconds,
    tendRotations: wiping(makeTendRotations({ ...edges, store, provide })),
    /** Whether anything has come due. */
    isDue: () => store.isAny(clock()),
  };
}

/**
 * For what erases credentials: when it is on record, nothing of them stays in the log of an embedded database either.
 * Where the log cannot be cut now, the next time does it.
 */
function makeWiping({ database, log }: Foundation) {
  return <Order, Result>(work: (order: Order) => Promise<Result>) =>
    async (order: Order): Promise<Result> => {
      const result = await work(order);
      try {
        await database.wipeErased();
      } catch (err) {
        log.warn({ err }, 'the log of the database keeps what was erased for a while');
      }
      return result;
    };
}

/** Its routes on the admin listener; the guards end with requireCaller. */
export function makeGovernanceRouter(
  foundation: Foundation,
  guards: readonly RequestHandler[],
): Router {
  const edges = { ...makeGovernance(foundation), guards };
  return Router().use(
    makeAccessRoutes(edges),
    makeRotationRoutes(edges),
    makeRotationListRoutes(edges),
  );
}

/** Its pages; the guards end with requireViewer. */
export function makeGovernancePages(
  foundation: Foundation,
  access: { readonly guards: readonly RequestHandler[]; readonly adminUrl: string },
): Router {
  const edges = { ...makeGovernance(foundation), ...access };
  return Router().use(
    makeAccessPages(edges),
    makeRequestLists(edges),
    makeRequestPages(edges),
    makeCredentialsPages(edges),
  );
}

/** Begins to do what comes due of rotation requests. */
export function beginRotations(foundation: Foundation): KeptPass {
  const { database, clock, random, log } = foundation;
  const { isDue, tendRotations } = makeGovernance(foundation);
  return keepPass({
    lease: makeLease({
      db: database.db,
      name: 'rotations',
      holder: Buffer.from(random(8)).toString('hex'),
      clock,
    }),
    isDue,
    pass: async (mayGoOn) => {
      const requests = await tendRotations(mayGoOn);
      if (requests > 0) log.info({ requests }, 'rotation requests were tended');
    },
    log,
    complaint: 'rotation requests could not be tended',
  });
}
