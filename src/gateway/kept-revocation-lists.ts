import { makeCurrentRevocationList } from '../authority/current-revocation-list.js';
import type { CurrentRevocationList } from '../authority/current-revocation-list.js';
import { keepRevocationLists } from '../authority/keep-revocation-lists.js';
import { makeRevocationListStore } from '../authority/revocation-list-store.js';
import { makeReadRevoked } from '../authority/revoked-entries.js';
import type { Foundation } from './foundation.js';

/** A foundation whose revocation lists are being kept fresh. */
export interface FoundationWithLists extends Foundation {
  readonly currentRevocationList: CurrentRevocationList;
  /** To be called before the database is closed; ends when nothing is under way any more. */
  readonly stopKeeping: () => Promise<void>;
}

/** Begins to keep the revocation lists. */
export function withRevocationLists(foundation: Foundation): FoundationWithLists {
  const { database, authorities, clock, log } = foundation;
  const store = makeRevocationListStore(database);
  const readRevoked = makeReadRevoked(database.db);
  const currentRevocationList = makeCurrentRevocationList({ store, readRevoked, clock });
  const { stop: stopKeeping } = keepRevocationLists({
    listAuthorities: authorities.signing,
    store,
    currentRevocationList,
    clock,
    log,
  });
  return { ...foundation, currentRevocationList, stopKeeping };
}
