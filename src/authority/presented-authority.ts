import type { RecordedAuthority } from './authority.js';
import { chooseServerIssuer } from './published-authorities.js';

/** How far a service must be in a roll-over before its servers present certificates of the new authority. */
const presentsNew = 2;

/**
 * Which authority of a project the servers of a service present certificates of: in a roll-over the one before until the
 * service has taken its second update, since clients may know no other; otherwise the active one.
 */
export function choosePresented<A extends RecordedAuthority>(
  authorities: readonly A[],
  { trustUpdate, now }: { readonly trustUpdate: number; readonly now: number },
): A | undefined {
  if (trustUpdate < presentsNew)
    return chooseServerIssuer(authorities, { now, fileKeyId: undefined });
  return authorities.find(({ state }) => state === 'active');
}
