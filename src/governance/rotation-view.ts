import type { Kysely } from 'kysely';
import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import type { Schema } from '../storage/schema.js';
import type { AccessStore } from './access-store.js';
import { accessUnknown } from './access.js';
import { addressesOf, memberOf, readOwnerGroup } from './owner-group-store.js';
import type { OwnerGroup } from './owner-group-store.js';
import { digestOf, readGround } from './rotation-ground.js';
import type { AccessGround, GroundEdges } from './rotation-ground.js';
import { judgeDeciding } from './rotation-policy.js';
import type { Standing } from './rotation-policy.js';
import { rightsOf } from './rotation-rights.js';
import type { RotationRights } from './rotation-rights.js';
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
  readonly may: RotationRights;
  /** Why this person may not approve; undefined where that is so, or where nothing waits for it. */
  readonly refusal: string | undefined;
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
    readonly clock: Clock;
  },
): ViewRotation {
  return async ({ rotationId: id, ...name }, viewer) => {
    const ground = await readGround(edges, name, edges.db);
    requireViewer(ground, viewer);
    const rotation = await edges.rotations.find({ accessId: name.accessId, id });
    if (!rotation) throw rotationUnknown();
    const isPending = rotation.state === 'pending';
    const decider = standingIn(ground.group, viewer.userId);
    const requester = standingIn(ground.group, rotation.requesterId);
    const requestedAt = rotation.createdAt;
    return {
      ground,
      rotation,
      ...(await addressesOf(rotation, edges.db)),
      digest: isPending ? digestOf(ground, rotation) : undefined,
      may: rightsOf(rotation, { viewer: decider, requester, now: edges.clock() }),
      refusal: isPending ? judgeDeciding({ decider, requester, requestedAt })?.sentence : undefined,
    };
  };
}

/** Whether this person may see the requests of an access. Throws Failure `resource-unknown`, `right-missing`. */
export type RequireAccessViewer = (
  name: { readonly organizationId: string; readonly accessId: string },
  viewer: Viewer,
) => Promise<void>;

/** By the owner group as it is now. */
export function makeRequireAccessViewer({
  accesses,
  db,
}: {
  readonly accesses: Pick<AccessStore, 'find'>;
  readonly db: Kysely<Schema>;
}): RequireAccessViewer {
  return async ({ organizationId, accessId: id }, viewer) => {
    const access = await accesses.find({ organizationId, id });
    if (!access) throw accessUnknown();
    requireViewer({ group: await readOwnerGroup(access.ownerGroupId, db) }, viewer);
  };
}

/** Throws Failure `right-missing` for who is neither of the owner group nor an admin. */
function requireViewer({ group }: Pick<AccessGround, 'group'>, viewer: Viewer): void {
  if (viewer.isAdmin || memberOf(group, viewer.userId)) return;
  throw new Failure('right-missing', 'You are no member of the group that owns this access.');
}

function standingIn(group: OwnerGroup, userId: string): Standing {
  return { userId, memberSince: memberOf(group, userId)?.joinedAt };
}
