import type { Kysely } from 'kysely';
import { Failure } from '../failure.js';
import type { Schema } from '../storage/schema.js';
import { addressesOf, memberOf } from './owner-group-store.js';
import { digestOf, readGround } from './rotation-ground.js';
import type { AccessGround, GroundEdges } from './rotation-ground.js';
import { judgeDeciding } from './rotation-policy.js';
import type { RotationStore } from './rotation-store.js';
import { rotationUnknown } from './rotation.js';
import type { Rotation } from './rotation.js';

/** A request as one person sees it. */
export interface RotationView {
  readonly ground: AccessGround;
  readonly rotation: Rotation;
  /** Mail addresses. */
  readonly requester: string;
  readonly decider: string | null;
  /** Of what is shown: an approval sends it back. Only while the request is pending. */
  readonly digest: string | undefined;
  /** What this person may do now. */
  readonly may: {
    readonly decide: boolean;
    readonly withdraw: boolean;
    readonly reveal: boolean;
  };
}

/** Who looks: a person of the organisation. */
export interface Viewer {
  readonly userId: string;
  readonly isAdmin: boolean;
}

export type ViewRotation = (
  name: {
    readonly organizationId: string;
    readonly accessId: string;
    readonly rotationId: string;
  },
  viewer: Viewer,
) => Promise<RotationView>;

/**
 * Shows a request to members of the owner group and to admins of the organisation. Throws Failure `resource-unknown`,
 * `right-missing`.
 */
export function makeViewRotation(
  edges: GroundEdges & {
    readonly db: Kysely<Schema>;
    readonly rotations: Pick<RotationStore, 'find'>;
  },
): ViewRotation {
  return async ({ rotationId: id, ...name }, viewer) => {
    const ground = await readGround(edges, name, edges.db);
    requireViewer(ground, viewer);
    const rotation = await edges.rotations.find({ accessId: name.accessId, id });
    if (!rotation) throw rotationUnknown();
    return {
      ground,
      rotation,
      ...(await addressesOf(rotation, edges.db)),
      digest: rotation.state === 'pending' ? digestOf(ground, rotation) : undefined,
      may: rightsOf(ground, rotation, viewer.userId),
    };
  };
}

/** Throws Failure `right-missing` for who is neither of the owner group nor an admin. */
export function requireViewer({ group }: Pick<AccessGround, 'group'>, viewer: Viewer): void {
  if (viewer.isAdmin || memberOf(group, viewer.userId)) return;
  throw new Failure('right-missing', 'You are no member of the group that owns this access.');
}

/** What a person may do about a request as it stands; each operation judges it again. */
export function rightsOf(
  { group }: Pick<AccessGround, 'group'>,
  rotation: Rotation,
  userId: string,
): RotationView['may'] {
  const standing = (id: string) => ({ userId: id, memberSince: memberOf(group, id)?.joinedAt });
  const isPending = rotation.state === 'pending';
  const isOwn = rotation.requesterId === userId;
  return {
    decide:
      isPending &&
      judgeDeciding({
        decider: standing(userId),
        requester: standing(rotation.requesterId),
        requestedAt: rotation.createdAt,
      }) === undefined,
    withdraw: isPending && isOwn,
    reveal:
      isOwn && rotation.credentials?.state === 'waiting' && memberOf(group, userId) !== undefined,
  };
}
