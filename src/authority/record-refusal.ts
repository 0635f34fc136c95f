import type { Clock } from '../edges.js';
import type { Failure } from '../failure.js';
import { makeOnceAMinute } from '../once-a-minute.js';
import type { RecordEvent } from './audit.js';

/**
 * Audits refusals without letting them flood the log: one event for each asker, reason and minute, and one more
 * where it points at an attack. The asker is the judged identity, or the address where there is none.
 */
export function makeRecordRefusal(edges: {
  readonly recordEvent: RecordEvent;
  readonly clock: Clock;
}) {
  const isFirst = makeOnceAMinute(edges.clock);
  return async (
    failure: Failure,
    context: {
      readonly requestId: string;
      readonly route: string | undefined;
      readonly actor: string | undefined;
      readonly named?: Readonly<Record<string, string>>;
    },
    address: string,
  ): Promise<void> => {
    const actor = context.actor ?? `address:${address}`;
    const key = `${actor} ${failure.kind} ${String(failure.isSuspicious)}`;
    if (!isFirst(key)) return;
    await edges.recordEvent({
      level: failure.isSuspicious ? 'warning' : 'info',
      action: 'request.refused',
      actor,
      requestId: context.requestId,
      detail: {
        reason: failure.kind,
        route: context.route ?? 'unmatched',
        address,
        ...context.named,
      },
    });
  };
}
