/** Where a request for new credentials stands. */
export const rotationStates = [
  'pending',
  'provisioning',
  'approved',
  'failed',
  'declined',
  'deleted',
  'lapsed',
] as const;
export type RotationState = (typeof rotationStates)[number];

/** What moves a request on. */
export type RotationStep = 'approve' | 'provide' | 'fail' | 'decline' | 'delete' | 'lapse';

/**
 * The one state machine of rotation requests. The states from which a step is taken stand in the condition of its
 * update; whatever is not pending or provisioning is for good and frees the access for the next request.
 */
const transitions = {
  approve: { from: 'pending', to: 'provisioning' },
  provide: { from: 'provisioning', to: 'approved' },
  fail: { from: 'provisioning', to: 'failed' },
  decline: { from: 'pending', to: 'declined' },
  delete: { from: 'pending', to: 'deleted' },
  lapse: { from: 'pending', to: 'lapsed' },
} as const satisfies Readonly<Record<RotationStep, { from: RotationState; to: RotationState }>>;

/** From which state a step leads to which. */
export function transitionOf(step: RotationStep): { from: RotationState; to: RotationState } {
  return transitions[step];
}

/** Whether an access may have only this request and no other. */
export function isActive(state: RotationState): boolean {
  return state === 'pending' || state === 'provisioning';
}

/** What becomes of the old certificate; its times count from the reveal. */
export const oldCertificateFates = ['at_once', 'after_grace', 'keep'] as const;
export type OldCertificateFate = (typeof oldCertificateFates)[number];

/** Why somebody may not do something: the Failure kind and its sentence. */
export interface RotationRefusal {
  readonly kind: 'right-missing' | 'state-conflict';
  readonly sentence: string;
}

/** Who stands where: read in the transaction that takes the step. */
export interface Standing {
  readonly userId: string;
  /** Of the owner group, and since when; undefined for everybody else, admins of the organisation included. */
  readonly memberSince: number | undefined;
}

/** Whether a member may ask for new credentials. */
export function judgeAsking(asking: {
  readonly requester: Standing;
  readonly memberCount: number;
}): RotationRefusal | undefined {
  if (asking.requester.memberSince === undefined) return notInGroup;
  if (asking.memberCount < 2) {
    return {
      kind: 'state-conflict',
      sentence:
        'The owner group has one member, so nobody could approve the request: add another member first.',
    };
  }
  return undefined;
}

/** Whether a member may approve or decline: somebody else than the requester, in the group since before the request. */
export function judgeDeciding(deciding: {
  readonly decider: Standing;
  readonly requester: Standing;
  readonly requestedAt: number;
}): RotationRefusal | undefined {
  const { decider, requester, requestedAt } = deciding;
  if (decider.memberSince === undefined) return notInGroup;
  if (decider.userId === requester.userId) {
    return {
      kind: 'right-missing',
      sentence: 'Another member of the owner group has to decide on your request.',
    };
  }
  if (decider.memberSince > requestedAt) {
    return {
      kind: 'right-missing',
      sentence: 'Only who was a member of the owner group before the request may decide on it.',
    };
  }
  if (requester.memberSince === undefined) {
    return {
      kind: 'state-conflict',
      sentence: 'The requester has left the owner group: the request cannot be approved any more.',
    };
  }
  return undefined;
}

const notInGroup: RotationRefusal = {
  kind: 'right-missing',
  sentence: 'You are no member of the group that owns this access.',
};
