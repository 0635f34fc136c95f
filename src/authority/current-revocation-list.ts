import type { Clock } from '../edges.js';
import { buildRevocationList } from '../pki/revocation-list.js';
import type { Authority } from './authority.js';
import type { RevocationListStore, StoredRevocationList } from './revocation-list-store.js';
import type { RevokedEntry } from './revocation-store.js';

const lifeSeconds = 24 * 3600;

/** The revocation list to serve now. */
export type CurrentRevocationList = () => Promise<StoredRevocationList>;

/**
 * Serves the active authority's list, made anew when something was revoked since or half of its life is over: whatever
 * was revoked before the call is on it. Whether it is fresh is read from the record each time, by number and never by
 * time, so a crash, another replica or a slow commit cannot leave a stale one behind.
 */
export function makeCurrentRevocationList(edges: {
  readonly authority: Authority;
  readonly store: RevocationListStore;
  readonly listRevoked: (filter: { authorityId: string; now: number }) => Promise<RevokedEntry[]>;
  readonly clock: Clock;
}): CurrentRevocationList {
  const { authority, store, clock } = edges;
  let underWay: Promise<StoredRevocationList> | undefined;

  async function findFresh(): Promise<StoredRevocationList | undefined> {
    const list = await store.find(authority.id);
    return list && clock() < list.thisUpdate + lifeSeconds / 2 ? list : undefined;
  }

  async function build(): Promise<StoredRevocationList> {
    const number = await store.reserveNumber(authority.id);
    const thisUpdate = clock();
    const nextUpdate = thisUpdate + lifeSeconds;
    const entries = await edges.listRevoked({ authorityId: authority.id, now: thisUpdate });
    const der = await buildRevocationList({
      issuer: authority.issuer,
      number,
      thisUpdate,
      nextUpdate,
      entries,
    });
    const list = { number, thisUpdate, nextUpdate, der };
    if (await store.publish(authority.id, list)) return list;
    // Outdated by now, but it has all that its callers may ask for, under a number that no other list has.
    return (await findFresh()) ?? list;
  }

  return async () => {
    const earlier = underWay;
    const fresh = await findFresh();
    if (fresh) return fresh;
    if (underWay === earlier && earlier !== undefined) {
      // It began before this call and may lack what was revoked meanwhile: its outcome is read from the record.
      await Promise.allSettled([earlier]);
      const published = await findFresh();
      if (published) return published;
    }
    if (underWay === undefined || underWay === earlier) {
      const begun = build().finally(() => {
        if (underWay === begun) underWay = undefined;
      });
      underWay = begun;
    }
    return underWay;
  };
}
