import { Router } from 'express';
import type { RequestHandler } from 'express';
import { makeListEvents } from '../authority/audit-review.js';
import { readAuthority } from '../authority/authority.js';
import { pkiUrls } from '../authority/pki-urls.js';
import { makePrepareAuthority } from '../authority/prepare-authority.js';
import { makeListProjectAuthorities } from '../authority/project-authority-list.js';
import { makeRevocationListStore } from '../authority/revocation-list-store.js';
import { makeRollOverStore } from '../authority/roll-over-store.js';
import { makeAnnouncementPages } from '../console/announcement-routes.js';
import { makeAuditPages } from '../console/audit-routes.js';
import { makeAuthorityPages } from '../console/authority-routes.js';
import { makeGroupPages } from '../console/group-page-routes.js';
import { makePeoplePages } from '../console/people-routes.js';
import { makeProjectAuthorityPages } from '../console/project-authority-routes.js';
import { makeTokenPages } from '../console/token-routes.js';
import { makeOutboxReview } from '../notifications/outbox-review.js';
import { makeRetryAnnouncement } from '../notifications/retry-announcement.js';
import { makeChangeGatewayRole } from '../people/change-gateway-role.js';
import { makeChangePersonState } from '../people/change-person-state.js';
import { makeManageUserTokens } from '../people/manage-user-tokens.js';
import type { Sessions } from '../people/sessions.js';
import type { Foundation } from './foundation.js';
import { makeProjectStores } from './project-stores.js';

interface PageEdges {
  /** Ends with requireViewer. */
  readonly guards: readonly RequestHandler[];
  readonly adminUrl: string;
}

/** Authorities, people, access tokens, the audit log and announcements. */
export function makeOperatorPages(
  foundation: Foundation,
  { sessions, ...pages }: PageEdges & { readonly sessions: Sessions },
): Router {
  const { config, database, stores, clock, random } = foundation;
  const { db } = database;
  const { transaction, recordEvent, users, userTokens: tokens } = stores;
  const { renewalDefaults } = config;
  const edges = { db, transaction, recordEvent, clock, random, renewalDefaults };
  const own = makeProjectStores(edges);
  const outbox = makeOutboxReview(db);
  return Router().use(
    makeAuthorityRouter(foundation, pages),
    makeProjectAuthorityPages({
      ...pages,
      listPage: makeListProjectAuthorities(db),
      caRotations: foundation.serviceUsers.caRotations,
    }),
    makePeoplePages({
      ...pages,
      ...own,
      users,
      changeRole: makeChangeGatewayRole(stores),
      changeState: makeChangePersonState({ ...stores, clock }),
    }),
    makeGroupPages({ ...pages, ...own }),
    makeTokenPages({
      ...pages,
      userTokens: makeManageUserTokens({
        ...edges,
        users,
        tokens,
        isStillGood: ({ tokenSha256 }, user, trx) => sessions.isStillGood(tokenSha256, user, trx),
      }),
    }),
    makeAuditPages({ ...pages, listEvents: makeListEvents(db) }),
    makeAnnouncementPages({ ...pages, outbox, retry: makeRetryAnnouncement({ ...edges, outbox }) }),
  );
}

function makeAuthorityRouter(foundation: Foundation, pages: PageEdges): Router {
  const { config, database, stores, masterKey, clock, random } = foundation;
  const { transaction, authorities, recordEvent } = stores;
  const rollOver = makeRollOverStore();
  const edges = { transaction, authorities, rollOver, recordEvent, masterKey, clock, random };
  const prepare = makePrepareAuthority(edges);
  const { keyType, validitySeconds } = config.authority;
  const form = { keyType, validitySeconds, organization: config.subject.O };
  const { url } = config.pki;
  return makeAuthorityPages({
    ...pages,
    listAuthorities: async () => (await authorities.list()).map(readAuthority),
    findFirstDependents: (id, certificates) =>
      stores.leftBehind.findFirstDependents(id, clock(), certificates),
    findLists: makeRevocationListStore(database).find,
    urlsOf: (id) => (url === undefined ? undefined : pkiUrls(url, id)),
    prepare: (origin) => prepare({ ...origin, form, activateAt: null }),
    takeStep: stores.takeStep,
    fileKeyId: () =>
      foundation.authorities.list().find(({ sealedKey, signing }) => sealedKey === null && signing)
        ?.id,
  });
}
