import type { Clock, RandomBytes } from '../edges.js';
import { Failure } from '../failure.js';
import type { ChangeOrigin, InTransaction } from '../people/record-change.js';
import { retryTransient } from '../storage/retry-transient.js';
import { memberOf } from './owner-group-store.js';
import { holdGround, requireRotatable } from './rotation-ground.js';
import type { GroundEdges } from './rotation-ground.js';
import { judgeAsking } from './rotation-policy.js';
import type { OldCertificateFate } from './rotation-policy.js';
import type { RotationStore } from './rotation-store.js';
import type { Rotation } from './rotation.js';
import type { TellRotation } from './tell-rotation.js';

export interface RequestRotationOrder extends ChangeOrigin {
  readonly organizationId: string;
  readonly accessId: string;
  /** Id of the person who asks. */
  readonly userId: string;
  /** For those who decide. */
  readonly message: string;
  readonly revokeOld: OldCertificateFate;
}

export type RequestRotation = (order: RequestRotationOrder) => Promise<Rotation>;

/**
 * Asks the other members of the owner group for new credentials. Throws Failure `resource-unknown`, `right-missing` for
 * who is no member, `state-conflict` where nobody could approve, there is an active request, or nothing to rotate.
 */
export function makeRequestRotation(
  edges: GroundEdges & {
    readonly transaction: InTransaction;
    readonly rotations: Pick<RotationStore, 'insert'>;
    readonly tell: TellRotation;
    /** How long the others may take to decide. */
    readonly lapseSeconds: number;
    readonly clock: Clock;
    readonly random: RandomBytes;
  },
): RequestRotation {
  const { transaction, rotations, tell, lapseSeconds, clock, random } = edges;
  return ({ userId, message, revokeOld, actor, requestId, ...name }) =>
    retryTransient(() =>
      transaction(async (trx) => {
        const ground = await holdGround(edges, name, trx);
        const { access, group } = ground;
        const requester = { userId, memberSince: memberOf(group, userId)?.joinedAt };
        const refusal = judgeAsking({ requester, memberCount: group.members.length });
        if (refusal) throw new Failure(refusal.kind, refusal.sentence);
        requireRotatable(ground);
        const now = clock();
        const rotation: Rotation = {
          id: `rot${Buffer.from(random(8)).toString('hex')}`,
          accessId: access.id,
          requesterId: userId,
          message,
          revokeOld,
          state: 'pending',
          createdAt: now,
          lapsesAt: now + lapseSeconds,
          decidedBy: null,
          decidedAt: null,
          decision: null,
          failure: null,
          credentials: undefined,
        };
        if (!(await rotations.insert(rotation, trx))) throw isActiveAlready();
        const kinds = ['rotation-requested'] as const;
        const action = 'rotation.requested';
        await tell({ access, group, rotation, action, kinds, actor, requestId }, trx);
        return rotation;
      }),
    );
}

function isActiveAlready(): Failure {
  return new Failure(
    'state-conflict',
    'There is an open request for this access: it has to be decided on, or deleted by its author, before the next one.',
  );
}
