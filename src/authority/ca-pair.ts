import type { RecordedAuthority } from './authority.js';
import { canSignFor } from './published-authorities.js';

/** What decides about a roll-over: times in seconds UTC. */
export type Standing = Pick<RecordedAuthority, 'id' | 'state' | 'createdAt'>;

/** The authorities of a project between two roll-overs or in the midst of one. */
export interface CaPair<A extends Standing> {
  /** The older of the two, or the only one. */
  readonly old: A;
  /** Prepared, active, or retiring again where the roll-over was turned back; undefined between two roll-overs. */
  readonly next: A | undefined;
  /** Whether `next` signs. */
  readonly isNextActive: boolean;
}

/** Picks them out of the authorities on record; undefined where the project has none yet. */
export function caPairOf<A extends Standing>(authorities: readonly A[]): CaPair<A> | undefined {
  const active = authorities.find(({ state }) => state === 'active');
  if (!active) return undefined;
  const other = authorities.find(({ state }) => state === 'prepared' || state === 'retiring');
  if (!other) return { old: active, next: undefined, isNextActive: false };
  // Of the same second the retiring one is the older.
  const isTurnedBack = other.state === 'retiring' && other.createdAt > active.createdAt;
  if (other.state === 'prepared' || isTurnedBack)
    return { old: active, next: other, isNextActive: false };
  return { old: other, next: active, isNextActive: true };
}

/**
 * Which authority of a project the servers of a service present certificates of: in a roll-over the old one until the
 * service has taken its second update, since clients may know no other. The active one where that one was revoked or is
 * about to end.
 */
export function choosePresented<A extends RecordedAuthority>(
  authorities: readonly A[],
  { trustUpdate, now }: { readonly trustUpdate: number; readonly now: number },
): A | undefined {
  const pair = caPairOf(authorities);
  if (!pair) return undefined;
  const { old, next } = pair;
  const presented = trustUpdate === 2 ? (next ?? old) : old;
  if (canSignFor(presented, { now, fileKeyId: undefined })) return presented;
  return authorities.find(({ state }) => state === 'active');
}
