import { caPairOf } from '../authority/ca-pair.js';
import type { CaPair, Standing } from '../authority/ca-pair.js';

/** How far a service has come: 1 trusts both authorities, 2 presents a certificate of the new one. */
export type TrustUpdate = 1 | 2;

interface PhaseFacts {
  readonly next: 'none' | 'published' | 'active';
  readonly hasEnded: boolean;
  /** How many services trust both, and how many of them present the new one. */
  readonly trusting: number;
  readonly presenting: number;
}

/** The states of authorities and services in the words of the contract; the first row that fits counts. */
const phases = [
  ['DONE', ({ next, hasEnded }) => next === 'none' && hasEnded],
  ['ACTIVE', ({ next }) => next === 'none'],
  ['BUNDLE', ({ next, trusting }) => next === 'published' && trusting === 0],
  ['TRUSTING', ({ next }) => next === 'published'],
  ['NEW_ACTIVE', ({ presenting }) => presenting === 0],
  ['PRESENTING', () => true],
] as const satisfies readonly (readonly [string, (facts: PhaseFacts) => boolean])[];

/** Where a roll-over stands. */
export type RotationPhase = (typeof phases)[number][0];

/** The phase that follows from the authorities of a project and the trust updates of its services. */
export function phaseOf(
  authorities: readonly Standing[],
  trustUpdates: readonly number[],
): RotationPhase {
  const pair = caPairOf(authorities);
  const facts: PhaseFacts = {
    next: !pair?.next ? 'none' : pair.isNextActive ? 'active' : 'published',
    hasEnded: authorities.some(
      ({ state, createdAt }) => state === 'retired' && pair && createdAt < pair.old.createdAt,
    ),
    trusting: trustUpdates.filter((update) => update >= 1).length,
    presenting: trustUpdates.filter((update) => update === 2).length,
  };
  const found = phases.find(([, fits]) => fits(facts));
  if (!found) throw new Error('a roll-over is in no phase');
  return found[0];
}

/** Why a service cannot report an update now, in a sentence that says what comes first. */
export type UpdateRefusal = string;

/** What the trust update of a service becomes by its report; the same where it is known already. */
export function judgeTrustUpdate(
  report: {
    readonly project: string;
    readonly phase: TrustUpdate;
    readonly present: number;
    /** Services of the project without update 1. */
    readonly untrusting: readonly string[];
  },
  pair: CaPair<Standing> | undefined,
): { readonly becomes: number } | { readonly refusal: UpdateRefusal } {
  const { project, phase, present, untrusting } = report;
  if (!pair?.next)
    return {
      refusal: `No roll-over of the CA of ${project} is under way: there is no update to report.`,
    };
  // Only a roll-over that was turned back leads a service back to the old one.
  if (phase === 1) return { becomes: pair.isNextActive ? Math.max(present, 1) : 1 };
  if (present === 2) return { becomes: 2 };
  if (untrusting.length > 0)
    return {
      refusal: `Update 2 waits until every service trusts both CAs; these have not reported update 1: ${untrusting.join(', ')}.`,
    };
  if (!pair.isNextActive)
    return {
      refusal: `Update 2 waits until the new CA is active: \`everleaf ca rotate activate --project ${project}\` comes first.`,
    };
  return { becomes: 2 };
}

/** Whether a service still needs an authority that is about to retire. */
export function needsRetiring(
  pair: CaPair<Standing>,
  retiringId: string,
  trustUpdate: number,
): boolean {
  return retiringId === pair.old.id ? trustUpdate < 2 : trustUpdate === 2;
}
