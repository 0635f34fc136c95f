import type { RevocationListProgress, SignedRevocationList } from './revocation-list-store.js';

/** Seconds from thisUpdate to nextUpdate. */
export const lifeSeconds = 24 * 3600;

/** What has to be done before there is a list to serve. */
export type RevocationListStep =
  /** A number has to be taken: something was revoked, or half of the list's life is over. */
  | { readonly do: 'begin'; readonly seen: number | undefined }
  /** A number was taken, and no list has it yet. */
  | { readonly do: 'build'; readonly number: number; readonly previousUpdate: number }
  /** Nothing. */
  | { readonly do: 'serve'; readonly signed: SignedRevocationList };

/**
 * Whether a list is the current one is told by its number, and by its age alone in the second place: neither a crash,
 * nor another replica, nor a slow commit can leave a list behind that hides a revocation.
 */
export function nextStep(
  progress: RevocationListProgress | undefined,
  now: number,
): RevocationListStep {
  if (progress === undefined) return { do: 'begin', seen: undefined };
  const { number, begunNumber, signed } = progress;
  if (signed?.number === number) {
    const isFresh = now < signed.thisUpdate + lifeSeconds / 2;
    return isFresh ? { do: 'serve', signed } : { do: 'begin', seen: number };
  }
  if (begunNumber !== number) return { do: 'begin', seen: number };
  return { do: 'build', number, previousUpdate: signed?.thisUpdate ?? 0 };
}
