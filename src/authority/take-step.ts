import type { Kysely } from 'kysely';
import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import type { Schema } from '../storage/schema.js';
import type { RecordEvent } from './audit.js';
import { readAuthority } from './authority.js';
import type { RecordedAuthority } from './authority.js';
import type { AuthorityStore } from './authority-store.js';
import type { LeftBehind, LeftBehindStore } from './left-behind-store.js';
import { judgeStep } from './roll-over-policy.js';
import type { RollOverStep } from './roll-over-policy.js';
import type { RollOverStore } from './roll-over-store.js';

export interface StepOrder {
  readonly step: RollOverStep;
  readonly id: string;
  readonly actor: string;
  /** Retires although holders are cut off by it. */
  readonly isForced?: boolean;
  /** The authority whose key the settings name: that of every other one must be on record to activate it. */
  readonly fileKeyId?: string | undefined;
}

/** Whom the step leaves behind: without the new authority (activate), or without a certificate that counts (retire). */
export type TakeStep = (order: StepOrder) => Promise<{ readonly leftBehind: LeftBehind[] }>;

interface TakeStepEdges {
  readonly transaction: <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
  readonly authorities: Pick<AuthorityStore, 'list'>;
  readonly rollOver: Pick<RollOverStore, 'activate' | 'retire'>;
  readonly leftBehind: LeftBehindStore;
  readonly recordEvent: RecordEvent;
  readonly clock: Clock;
}

/**
 * Moves an authority to its next state. To activate cuts nobody off at the gateway, but those who have not fetched the
 * published bundle since may meet peers that are unknown to them: they are told. To retire is refused while somebody
 * would be cut off, unless it is forced. Throws Failure `authority-step-refused`.
 */
export function makeTakeStep(edges: TakeStepEdges): TakeStep {
  const { rollOver, clock } = edges;
  return async (order) => {
    const { step, id, actor } = order;
    const authority = await requireStep(order, edges);
    const leftBehind = await findLeftBehind(order, authority, edges);
    if (step === 'retire' && leftBehind.length > 0 && order.isForced !== true) {
      throw new Failure(
        'authority-step-refused',
        `Authority ${id} is still needed: retiring it would cut off ${describeLeftBehind(leftBehind)}. They move to the active authority with their next renewal, and \`everleaf certificate hint --authority ${id}\` asks them for it now; \`--force\` retires it all the same.`,
      );
    }
    await edges.transaction(async (trx) => {
      if (!(await rollOver[step](id, clock(), trx))) {
        throw new Failure(
          'authority-step-refused',
          `Somebody else changed authority ${id} meanwhile: look at \`everleaf ca rotate\`.`,
        );
      }
      const past = step === 'activate' ? 'activated' : 'retired';
      await edges.recordEvent(
        {
          level: leftBehind.length > 0 ? 'warning' : 'info',
          action: `authority.${past}`,
          actor,
          detail: { authority: id, leftBehind: leftBehind.length },
        },
        trx,
      );
    });
    return { leftBehind };
  };
}

async function requireStep(
  { step, id, fileKeyId }: StepOrder,
  { authorities, clock }: TakeStepEdges,
): Promise<RecordedAuthority> {
  const stored = (await authorities.list()).find((one) => one.id === id);
  if (!stored) {
    throw new Failure(
      'authority-step-refused',
      `There is no authority ${id}: \`everleaf ca list\` shows them.`,
    );
  }
  const authority = readAuthority(stored);
  const { notBefore, notAfter } = authority.certificate;
  const isRevoked = authority.revokedAt !== null;
  const hasKey = authority.sealedKey !== null || id === fileKeyId;
  const refusal = judgeStep(
    step,
    { ...authority, notBefore, notAfter, isRevoked, hasKey },
    clock(),
  );
  if (refusal !== undefined) throw new Failure('authority-step-refused', refusal);
  return authority;
}

async function findLeftBehind(
  { step }: StepOrder,
  { id, stateSince, state }: RecordedAuthority,
  { leftBehind, clock }: TakeStepEdges,
): Promise<LeftBehind[]> {
  if (step === 'retire') return leftBehind.findDependents(id, clock());
  return state === 'prepared' ? leftBehind.findUntold(stateSince, clock()) : [];
}

const mostNames = 10;

/** `3 holders: a, b, c`, with at most ten names. */
export function describeLeftBehind(leftBehind: readonly LeftBehind[]): string {
  const names = [...new Set(leftBehind.map(({ holder }) => holder))];
  return `${String(names.length)} ${names.length === 1 ? 'holder' : 'holders'}: ${listNames(names)}`;
}

/** `a, b, c`, with at most ten names. */
export function listNames(names: readonly string[]): string {
  const more = names.length - mostNames;
  return names.slice(0, mostNames).join(', ') + (more > 0 ? ` and ${String(more)} more` : '');
}
