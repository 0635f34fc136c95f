import type { Log } from '../edges.js';
import type { Lease } from '../storage/leases.js';

/** Periodic work, begun again and again: the record says what is due, for every gateway at once. */
export interface KeptPass {
  /** Does now what is due, unless another gateway is at it. */
  run(): Promise<void>;
  /** Ends when what is under way is on record. */
  stop(): Promise<void>;
}

const passEveryMs = 60_000;

/** Begins a pass at the start and every minute, one at a time among all gateways. */
export function keepPass(edges: {
  readonly lease: Lease;
  /** Whether there is anything to do: most of the time there is not, and nobody needs the lease. */
  readonly isDue: () => Promise<boolean>;
  /** Asks before each step whether it may go on. */
  readonly pass: (mayGoOn: () => Promise<boolean>) => Promise<void>;
  readonly log: Log;
  /** What the log says when it breaks. */
  readonly complaint: string;
}): KeptPass {
  const { lease, isDue, pass, log, complaint } = edges;
  let underWay: Promise<void> = Promise.resolve();
  let isStopped = false;

  async function runOnce(): Promise<void> {
    if (isStopped || !(await isDue()) || !(await lease.hold())) return;
    try {
      await pass(async () => !isStopped && (await lease.hold()));
    } finally {
      await lease.release();
    }
  }

  const begin = (): Promise<void> => (underWay = underWay.then(runOnce, runOnce));
  const beginUnasked = (): void => {
    begin().catch((err: unknown) => {
      log.error({ err }, complaint);
    });
  };
  beginUnasked();
  const timer = setInterval(beginUnasked, passEveryMs);
  timer.unref();
  return {
    run: begin,
    stop: async () => {
      isStopped = true;
      clearInterval(timer);
      await underWay.catch(() => undefined); // whoever began it has said so
    },
  };
}
