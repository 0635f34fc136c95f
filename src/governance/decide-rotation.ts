import type { Kysely } from 'kysely';
import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import type { ChangeOrigin, InTransaction } from '../people/record-change.js';
import { retryTransient } from '../storage/retry-transient.js';
import type { Schema } from '../storage/schema.js';
import { memberOf } from './owner-group-store.js';
import { digestOf, holdGround, requireRotatable } from './rotation-ground.js';
import type { AccessGround, GroundEdges } from './rotation-ground.js';
import { judgeDeciding } from './rotation-policy.js';
import type { RotationStep } from './rotation-policy.js';
import type { RotationStore, StepFacts } from './rotation-store.js';
import { rotationUnknown } from './rotation.js';
import type { Rotation } from './rotation.js';
import type { TellRotation } from './tell-rotation.js';

/** Which request, and who does something about it. */
export interface RotationOrder extends ChangeOrigin {
  readonly organizationId: string;
  readonly accessId: string;
  readonly rotationId: string;
  /** Id of the person who calls. */
  readonly userId: string;
}

/** What people do about a pending request; each gives it as it is then. */
export interface DecideRotation {
  /**
   * Consents to what the digest stands for; the credentials are still to be made. Throws Failure `resource-unknown`,
   * `right-missing` for the requester and for who is no member since before the request, `state-conflict` where the
   * request is not pending, or is not what the digest stands for.
   */
  approve(
    order: RotationOrder & { readonly digest: string; readonly message: string | null },
  ): Promise<Rotation>;
  /** The same without a digest: nothing changes by it. */
  decline(order: RotationOrder & { readonly reason: string }): Promise<Rotation>;
  /** The author takes it back. Throws Failure `right-missing` for everybody else. */
  withdraw(order: RotationOrder): Promise<Rotation>;
}

interface Edges extends GroundEdges {
  readonly transaction: InTransaction;
  readonly rotations: Pick<RotationStore, 'find' | 'take'>;
  readonly tell: TellRotation;
  readonly clock: Clock;
}

/** One decision a request, whoever races: the state from which a step leads stands in its update. */
export function makeDecideRotation(edges: Edges): DecideRotation {
  const { rotations, tell, clock } = edges;
  const held = <T>(
    order: RotationOrder,
    work: (ground: AccessGround, rotation: Rotation, trx: Kysely<Schema>) => Promise<T>,
  ): Promise<T> =>
    retryTransient(() =>
      edges.transaction(async (trx) => {
        const ground = await holdGround(edges, order, trx);
        const name = { accessId: order.accessId, id: order.rotationId };
        const rotation = await rotations.find(name, trx);
        if (!rotation) throw rotationUnknown();
        return work(ground, rotation, trx);
      }),
    );
  const take = async (
    taken: Rotation & { readonly step: RotationStep; readonly facts?: StepFacts },
    trx: Kysely<Schema>,
  ): Promise<Rotation> => {
    const { step, facts, ...rotation } = taken;
    if (!(await rotations.take({ id: rotation.id, step, ...(facts ? { facts } : {}) }, trx)))
      throw notPending(rotation);
    const now = await rotations.find({ accessId: rotation.accessId, id: rotation.id }, trx);
    if (!now) throw rotationUnknown();
    return now;
  };
  return {
    approve: ({ digest, message, ...order }) =>
      held(order, async (ground, rotation, trx) => {
        judge(ground, { rotation, userId: order.userId, now: clock(), isConsent: true });
        if (digest !== digestOf(ground, rotation)) throw hasChanged();
        requireRotatable(ground);
        const facts = { decidedBy: order.userId, decidedAt: clock(), decision: message };
        const approved = await take({ ...rotation, step: 'approve', facts }, trx);
        await tell(newsOf('rotation.approved', [], { order, ground, rotation: approved }), trx);
        return approved;
      }),
    decline: ({ reason, ...order }) =>
      held(order, async (ground, rotation, trx) => {
        judge(ground, { rotation, userId: order.userId, now: clock(), isConsent: false });
        const facts = { decidedBy: order.userId, decidedAt: clock(), decision: reason };
        const declined = await take({ ...rotation, step: 'decline', facts }, trx);
        const news = { order, ground, rotation: declined };
        await tell(newsOf('rotation.declined', ['rotation-declined'], news), trx);
        return declined;
      }),
    withdraw: (order) =>
      held(order, async (ground, rotation, trx) => {
        if (rotation.requesterId !== order.userId)
          throw new Failure('right-missing', 'Only its author may delete a request.');
        const deleted = await take({ ...rotation, step: 'delete' }, trx);
        const news = { order, ground, rotation: deleted };
        await tell(newsOf('rotation.deleted', ['rotation-deleted'], news), trx);
        return deleted;
      }),
  };
}

/** Whether this person may decide now. The right comes first: who has none learns nothing of the state. */
function judge(
  { group }: AccessGround,
  {
    rotation,
    userId,
    now,
    isConsent,
  }: {
    readonly rotation: Rotation;
    readonly userId: string;
    readonly now: number;
    /** A request whose author has left the group can still be declined: that frees the access. */
    readonly isConsent: boolean;
  },
): void {
  const standing = (id: string) => ({ userId: id, memberSince: memberOf(group, id)?.joinedAt });
  const refusal = judgeDeciding({
    decider: standing(userId),
    requester: standing(rotation.requesterId),
    requestedAt: rotation.createdAt,
  });
  if (refusal?.kind === 'right-missing') throw new Failure(refusal.kind, refusal.sentence);
  if (rotation.state !== 'pending') throw notPending(rotation);
  if (rotation.lapsesAt <= now)
    throw new Failure('state-conflict', 'The request has lapsed: it has to be made again.');
  if (refusal && isConsent) throw new Failure(refusal.kind, refusal.sentence);
}

function newsOf(
  action: string,
  kinds: Parameters<TellRotation>[0]['kinds'],
  {
    order: { actor, requestId },
    ground: { access, group },
    rotation,
  }: {
    readonly order: RotationOrder;
    readonly ground: AccessGround;
    readonly rotation: Rotation;
  },
): Parameters<TellRotation>[0] {
  return { access, group, rotation, action, kinds, actor, requestId };
}

function notPending({ state }: Rotation): Failure {
  return new Failure('state-conflict', `The request is not pending any more: it is ${state}.`);
}

function hasChanged(): Failure {
  return new Failure(
    'state-conflict',
    'The access, its owner group or the request is not what you were shown any more: read the request again, and approve with the digest that it has then.',
  );
}
