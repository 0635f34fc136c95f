import type { Clock, Log } from '../edges.js';
import { Failure } from '../failure.js';
import { isUnavailable } from '../storage/database-errors.js';
import type { KnownAuthority } from './authority-set.js';
import type { TakeStep } from './take-step.js';

const warnEverySeconds = 3600;

/**
 * Takes the steps whose date has come. By date nobody is ever cut off: a retirement waits for the last holder, and says
 * so once an hour. Of several gateways one takes the step. One that fails keeps neither the others nor the caller from
 * going on. Throws where the database is away.
 */
export function makeTakeDueSteps(edges: {
  readonly takeStep: TakeStep;
  readonly store: { list(): Promise<readonly Pick<KnownAuthority, 'id' | 'nextStepAt'>[]> };
  readonly clock: Clock;
  readonly log: Log;
}): (authorities: readonly Pick<KnownAuthority, 'id' | 'state' | 'nextStepAt'>[]) => Promise<void> {
  const { takeStep, store, clock, log } = edges;
  const warnedAt = new Map<string, number>();
  return async (authorities) => {
    const now = clock();
    for (const { id, state, nextStepAt } of authorities) {
      if (nextStepAt === null || nextStepAt > now) continue;
      const due = `${id} ${String(nextStepAt)}`;
      if (now < (warnedAt.get(due) ?? 0) + warnEverySeconds) continue;
      const step = state === 'prepared' ? 'activate' : 'retire';
      try {
        const { leftBehind } = await takeStep({ step, id, actor: 'gateway' });
        log.info({ authority: id, step, leftBehind: leftBehind.length }, 'a roll-over went on');
      } catch (error) {
        if (isUnavailable(error)) throw error;
        if (!(error instanceof Failure)) {
          log.error({ err: error, authority: id, step }, 'a roll-over could not go on');
          continue;
        }
        // Another gateway was first, or an operator.
        const isStillDue = (await store.list()).some(
          (one) => one.id === id && one.nextStepAt === nextStepAt,
        );
        if (!isStillDue) continue;
        warnedAt.set(due, now);
        log.warn({ authority: id, step }, `a roll-over waits: ${error.message}`);
      }
    }
  };
}
