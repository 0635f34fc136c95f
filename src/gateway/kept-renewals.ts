import type { AnnounceRenewals } from '../credentials/announce-renewals.js';
import type { RenewDueUsers } from '../credentials/renew-due-users.js';
import type { Clock, Log } from '../edges.js';
import type { Lease } from '../storage/leases.js';

/** The renewal of service users, begun again and again: the record says what is due, for every gateway at once. */
export interface KeptRenewals {
  /** Renews and announces now what is due, unless another gateway is at it. */
  renew(): Promise<void>;
  /** Ends when the renewals under way are on record. */
  stop(): Promise<void>;
}

const passEveryMs = 60_000;
const toldEverySeconds = 3600;

/**
 * Begins a pass at the start and every minute. First all due users are renewed, then the renewals are announced: that
 * way ten thousand new pairs of one service make one announcement.
 */
export function keepRenewals(edges: {
  readonly lease: Lease;
  /** Whether there is anything to do: most of the time there is not, and nobody needs the lease. */
  readonly isDue: () => Promise<boolean>;
  /** Of the CAs of projects: what is renewed in the same pass is signed by the one that is active then. */
  readonly takeDueSteps: () => Promise<void>;
  readonly renewDueUsers: RenewDueUsers;
  readonly announceRenewals: AnnounceRenewals;
  readonly clock: Clock;
  readonly log: Log;
}): KeptRenewals {
  const { lease, isDue, renewDueUsers, announceRenewals, clock, log } = edges;
  let underWay: Promise<void> = Promise.resolve();
  let isStopped = false;
  let toldAt = 0;

  const mayGoOn = async (): Promise<boolean> => !isStopped && (await lease.hold());

  async function pass(): Promise<void> {
    if (isStopped || !(await isDue()) || !(await lease.hold())) return;
    try {
      await edges.takeDueSteps();
      const { renewed, waiting, failed, isComplete } = await renewDueUsers(mayGoOn);
      if (renewed > 0 || failed > 0) log.info({ renewed, failed }, 'service users were renewed');
      if (waiting > 0 && clock() >= toldAt + toldEverySeconds) {
        toldAt = clock();
        log.warn({ users: waiting }, 'service users wait for an authority that lives longer');
      }
      if (isComplete) await announceRenewals(mayGoOn);
    } finally {
      await lease.release();
    }
  }

  const begin = (): Promise<void> => (underWay = underWay.then(pass, pass));
  const beginUnasked = (): void => {
    begin().catch((err: unknown) => {
      log.error({ err }, 'service users could not be renewed or announced');
    });
  };
  beginUnasked();
  const timer = setInterval(beginUnasked, passEveryMs);
  timer.unref();
  return {
    renew: begin,
    stop: async () => {
      isStopped = true;
      clearInterval(timer);
      await underWay.catch(() => undefined); // whoever began it has said so
    },
  };
}
