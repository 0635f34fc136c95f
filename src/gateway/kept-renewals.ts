import type { AnnounceRenewals } from '../credentials/announce-renewals.js';
import type { RenewDueUsers } from '../credentials/renew-due-users.js';
import type { Clock, Log } from '../edges.js';
import type { Lease } from '../storage/leases.js';
import { keepPass } from './kept-pass.js';
import type { KeptPass } from './kept-pass.js';

const toldEverySeconds = 3600;

/**
 * The periodic renewal of service users. First all due users are renewed, then the renewals are announced: that way ten
 * thousand new pairs of one service make one announcement.
 */
export function keepRenewals(edges: {
  readonly lease: Lease;
  /** Whether there is anything to renew or to announce. */
  readonly isDue: () => Promise<boolean>;
  /** Of the CAs of projects: what is renewed in the same pass is signed by the one that is active then. */
  readonly takeDueSteps: () => Promise<void>;
  readonly renewDueUsers: RenewDueUsers;
  readonly announceRenewals: AnnounceRenewals;
  readonly clock: Clock;
  readonly log: Log;
}): KeptPass {
  const { lease, isDue, takeDueSteps, renewDueUsers, announceRenewals, clock, log } = edges;
  let toldAt = 0;
  return keepPass({
    lease,
    isDue,
    pass: async (mayGoOn) => {
      await takeDueSteps();
      const { renewed, waiting, failed, isComplete } = await renewDueUsers(mayGoOn);
      if (renewed > 0 || failed > 0) log.info({ renewed, failed }, 'service users were renewed');
      if (waiting > 0 && clock() >= toldAt + toldEverySeconds) {
        toldAt = clock();
        log.warn({ users: waiting }, 'service users wait for an authority that lives longer');
      }
      if (isComplete) await announceRenewals(mayGoOn);
    },
    log,
    complaint: 'service users could not be renewed or announced',
  });
}
