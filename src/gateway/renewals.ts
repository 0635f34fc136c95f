import { makeAnnounceRenewals } from '../credentials/announce-renewals.js';
import { makeAnnouncementStore } from '../credentials/announcement-store.js';
import { makeFindContacts } from '../credentials/contact-store.js';
import { makeDueUserStore } from '../credentials/due-user-store.js';
import { makeRenewDueUsers } from '../credentials/renew-due-users.js';
import { makeRenewServiceUser } from '../credentials/renew-service-user.js';
import { outbox } from '../notifications/outbox-store.js';
import { makeLease } from '../storage/leases.js';
import { retryTransient } from '../storage/retry-transient.js';
import type { Foundation } from './foundation.js';
import { keepRenewals } from './kept-renewals.js';
import type { KeptPass } from './kept-pass.js';

/**
 * RSA keys take a thread of the pool for as long as a second: the others are left to the requests. EC keys take nothing,
 * and what one commit holds is what an embedded database keeps the requests waiting for.
 */
const atOnce = { rsa: 2, ec: 8 };

/** Begins to renew service users and to announce what was renewed. */
export function beginRenewals(foundation: Foundation): KeptPass {
  const { config, database, stores, serviceUsers, clock, random, log } = foundation;
  const { db } = database;
  const { serviceUserKeyType: keyType, renewalDefaults: defaults } = config;
  const { users, issuePair, authorities, caRotations } = serviceUsers;
  const { certificates } = stores;
  const store = makeDueUserStore(db);
  const announcements = makeAnnouncementStore(db);
  return keepRenewals({
    lease: makeLease({
      db,
      name: 'service-user-renewal',
      holder: Buffer.from(random(8)).toString('hex'),
      clock,
    }),
    isDue: async () =>
      (await caRotations.hasDue()) ||
      (await store.findDue({ now: clock(), defaults, after: undefined, limit: 1 })).length > 0 ||
      (await store.findAsked({ after: undefined, limit: 1 })).length > 0 ||
      (await announcements.listServices({ now: clock(), after: undefined, limit: 1 })).length > 0,
    takeDueSteps: caRotations.takeDueSteps,
    renewDueUsers: makeRenewDueUsers({
      store,
      renew: makeRenewServiceUser({ users, issuePair, certificates, clock, random }),
      activeAuthority: authorities.activeAuthority,
      defaults,
      concurrency: keyType.startsWith('rsa') ? atOnce.rsa : atOnce.ec,
      clock,
      log,
    }),
    announceRenewals: makeAnnounceRenewals({
      transaction: (work) => retryTransient(() => stores.transaction(work)),
      store: announcements,
      findContacts: makeFindContacts(db),
      outbox,
      reminders: config.reminders,
      clock,
      log,
    }),
    clock,
    log,
  });
}
