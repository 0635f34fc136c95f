import type { Clock } from '../edges.js';
import { buildRevocationList } from '../pki/revocation-list.js';
import type { Authority } from './authority.js';
import type { RevocationListStore, StoredRevocationList } from './revocation-list-store.js';
import type { RevokedEntry } from './revocation-store.js';

const lifeSeconds = 24 * 3600;
const attempts = 10;

/** The revocation list to serve now. */
export type CurrentRevocationList = () => Promise<StoredRevocationList>;

/**
 * Serves the active authority's list, made anew when something was revoked since or half of its life is over. Whether
 * it is fresh is read from the record each time, so a crash or another replica cannot leave a stale one behind.
 */
export function makeCurrentRevocationList(edges: {
  readonly authority: Authority;
  readonly store: RevocationListStore;
  readonly listRevoked: (filter: { authorityId: string; now: number }) => Promise<RevokedEntry[]>;
  readonly latestRevocation: (authorityId: string) => Promise<number | undefined>;
  readonly clock: Clock;
}): CurrentRevocationList {
  const { authority, store, clock } = edges;
  let underWay: Promise<StoredRevocationList> | undefined;

  async function isFresh(list: StoredRevocationList): Promise<boolean> {
    if (clock() >= list.thisUpdate + lifeSeconds / 2) return false;
    const latest = await edges.latestRevocation(authority.id);
    // In the second of thisUpdate something may have been revoked after the list was made.
    return latest === undefined || latest < list.thisUpdate;
  }

  async function build(): Promise<StoredRevocationList> {
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const previous = await store.find(authority.id);
      const thisUpdate = clock();
      const entries = await edges.listRevoked({ authorityId: authority.id, now: thisUpdate });
      const number = (previous?.number ?? 0) + 1;
      const nextUpdate = thisUpdate + lifeSeconds;
      const der = await buildRevocationList({
        issuer: authority.issuer,
        number,
        thisUpdate,
        nextUpdate,
        entries,
      });
      const list = { number, thisUpdate, nextUpdate, der };
      if (await store.replace(authority.id, list)) return list;
    }
    throw new Error(
      `other replicas were faster to publish a revocation list ${String(attempts)} times in a row`,
    );
  }

  return async () => {
    const list = await store.find(authority.id);
    if (list && (await isFresh(list))) return list;
    underWay ??= build().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}
