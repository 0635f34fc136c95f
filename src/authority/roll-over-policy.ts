import type { AuthorityState } from '../storage/schema.js';

/** What an operator or a date may do to an authority. */
export type RollOverStep = 'activate' | 'retire';

/** Why a step cannot be taken now, in a sentence that says what to do instead. */
export type StepRefusal = string;

/**
 * The one state machine of authorities, be they the gateway's or a project's:
 * prepared -> active -> retiring -> retired. Activating one makes the one that was active retiring, so a roll-over can
 * be turned back while the old one is retiring. What is retired stays so.
 */
const transitions = {
  activate: { from: ['prepared', 'retiring'], to: 'active' },
  retire: { from: ['prepared', 'retiring'], to: 'retired' },
} as const satisfies Readonly<
  Record<RollOverStep, { from: readonly AuthorityState[]; to: AuthorityState }>
>;

/** The states from which a step is taken: they stand in the condition of its update. */
export function statesBefore(step: RollOverStep): readonly AuthorityState[] {
  return transitions[step].from;
}

/** Every gateway has heard of a change by then. */
const settlingSeconds = 60;

/**
 * Whether relying parties should know an authority at `now`, in seconds UTC. A retired one leaves the bundle only when no
 * gateway presents a server certificate of it any more: who renews meanwhile must be able to trust the next answer. One
 * that was revoked is not for anybody to trust.
 */
export function isPublishedAt(
  authority: {
    readonly state: AuthorityState;
    readonly stateSince: number;
    readonly revokedAt: number | null;
  },
  now: number,
): boolean {
  if (authority.revokedAt !== null) return false;
  return authority.state !== 'retired' || now < authority.stateSince + settlingSeconds;
}

/** Whether a step may be taken at `now`; undefined where it may. Times in seconds UTC. */
export function judgeStep(
  step: RollOverStep,
  authority: {
    readonly id: string;
    readonly state: AuthorityState;
    readonly stateSince: number;
    readonly notBefore: number;
    readonly notAfter: number;
    readonly isRevoked: boolean;
    readonly hasKey: boolean;
  },
  now: number,
): StepRefusal | undefined {
  const { id, state, stateSince } = authority;
  const states: readonly AuthorityState[] = transitions[step].from;
  if (!states.includes(state)) return refusalByState[step][state];
  if (step === 'retire') {
    if (state === 'prepared' || now >= stateSince + settlingSeconds) return undefined;
    return `Authority ${id} became retiring less than a minute ago: wait until every gateway has heard of it.`;
  }
  if (authority.isRevoked) {
    const first = state === 'prepared' ? `\`everleaf ca rotate retire ${id}\`, then ` : '';
    return `Authority ${id} has been revoked: ${first}\`everleaf ca rotate prepare\` for another.`;
  }
  if (!authority.hasKey)
    return `The key of authority ${id} is not in the database: set EVERLEAF_CA_CERT_FILE and EVERLEAF_CA_KEY_FILE to its files to make it active.`;
  if (now < authority.notBefore) return `The certificate of authority ${id} is not valid yet.`;
  if (now > authority.notAfter) return `The certificate of authority ${id} has expired.`;
  return undefined;
}

const refusalByState: Readonly<Record<RollOverStep, Readonly<Record<AuthorityState, string>>>> = {
  activate: {
    prepared: '',
    retiring: '',
    active: 'This authority is the active one already.',
    retired: 'This authority is retired, which is for good: prepare another.',
  },
  retire: {
    prepared: '',
    retiring: '',
    active: 'The active authority cannot retire: prepare and activate another first.',
    retired: 'This authority is retired already.',
  },
};
