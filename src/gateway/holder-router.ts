import type { Router } from 'express';
import type { HolderEdges } from '../authority/require-holder.js';
import { makeAcknowledgeInUse } from '../credentials/acknowledge-in-use.js';
import { makeFindContacts } from '../credentials/contact-store.js';
import { makeFetchCredentials } from '../credentials/fetch-credentials.js';
import { makeFindHolder } from '../credentials/find-holder.js';
import { makeHolderRoutes } from '../credentials/holder-routes.js';
import { selfServiceStore } from '../credentials/self-service-store.js';
import { outbox } from '../notifications/outbox-store.js';
import { retryTransient } from '../storage/retry-transient.js';
import type { Foundation } from './foundation.js';

/** What service users do with their own certificates: they are judged and counted as applications are. */
export function makeHolderRouter(foundation: Foundation, presented: HolderEdges): Router {
  const { database, stores, serviceUsers, clock, log } = foundation;
  const { identify, countByAddress, countByCertificate } = presented;
  const findHolder = makeFindHolder(serviceUsers.users);
  return makeHolderRoutes({
    identify,
    countByAddress,
    countByCertificate,
    findHolder,
    acknowledgeInUse: makeAcknowledgeInUse({ ...serviceUsers, findHolder }),
    fetchCredentials: makeFetchCredentials({
      ...serviceUsers,
      transaction: (work) => retryTransient(() => stores.transaction(work)),
      findHolder,
      store: selfServiceStore,
      findContacts: makeFindContacts(database.db),
      outbox,
      recordEvent: stores.recordEvent,
      clock,
      log,
    }),
  });
}
