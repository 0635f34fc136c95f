import { judgeDeciding } from './rotation-policy.js';
import type { Standing } from './rotation-policy.js';
import type { Rotation } from './rotation.js';

/** What a person may do about a request. */
export interface RotationRights {
  /** Approve or decline; where the requester has left the group, decline alone. */
  readonly decide: boolean;
  readonly withdraw: boolean;
  readonly reveal: boolean;
}

/** As it stands at `now`, in seconds UTC; each operation judges it again. */
export function rightsOf(
  rotation: Rotation,
  {
    viewer,
    requester,
    now,
  }: { readonly viewer: Standing; readonly requester: Standing; readonly now: number },
): RotationRights {
  const { state, requesterId, createdAt: requestedAt, lapsesAt } = rotation;
  const isPending = state === 'pending';
  const isOwn = requesterId === viewer.userId;
  const refusal = judgeDeciding({ decider: viewer, requester, requestedAt });
  return {
    decide: isPending && lapsesAt > now && refusal?.kind !== 'right-missing',
    withdraw: isPending && isOwn,
    reveal: mayReveal(rotation, { viewer, now }),
  };
}

/** Whether there is something to see, and this person may: see judgeReveal. `now` in seconds UTC. */
export function mayReveal(
  { requesterId, credentials }: Rotation,
  { viewer, now }: { readonly viewer: Standing; readonly now: number },
): boolean {
  return (
    requesterId === viewer.userId &&
    viewer.memberSince !== undefined &&
    credentials?.state === 'waiting' &&
    credentials.lapseAt > now
  );
}
