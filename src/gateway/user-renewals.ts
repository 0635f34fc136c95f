import { makeAcknowledgeService } from '../credentials/acknowledge-service.js';
import type { AcknowledgeService } from '../credentials/acknowledge-service.js';
import { makeAskForRenewals } from '../credentials/ask-for-renewals.js';
import type { AskForRenewals } from '../credentials/ask-for-renewals.js';
import { askedRenewals } from '../credentials/asked-renewal-store.js';
import { makeChangeNextKey } from '../credentials/change-next-key.js';
import type { ChangeNextKey } from '../credentials/change-next-key.js';
import { makeChangeRecipients } from '../credentials/change-recipients.js';
import type { ChangeRecipients } from '../credentials/change-recipients.js';
import { makeDueUserStore } from '../credentials/due-user-store.js';
import type { IssuePair } from '../credentials/issue-pair.js';
import { makeRenewNow } from '../credentials/renew-now.js';
import type { RenewNow } from '../credentials/renew-now.js';
import { makeRenewServiceUser } from '../credentials/renew-service-user.js';
import type { FindRenewalSettings } from '../credentials/renewal-settings.js';
import { makeRevokeOldCertificates } from '../credentials/revoke-old-certificates.js';
import type { RevokeOldCertificates } from '../credentials/revoke-old-certificates.js';
import type { ServiceUserStore } from '../credentials/service-user-store.js';
import type { Clock, RandomBytes } from '../edges.js';
import type { Database } from '../storage/database.js';
import type { Stores } from './stores.js';

/** What a person does about renewals, besides the periodic pass. */
export interface UserRenewals {
  readonly renewNow: RenewNow;
  readonly askForRenewals: AskForRenewals;
  readonly acknowledgeService: AcknowledgeService;
  readonly revokeOldCertificates: RevokeOldCertificates;
  readonly changeNextKey: ChangeNextKey;
  readonly changeRecipients: ChangeRecipients;
}

/** Wires it over one database. */
export function makeUserRenewals(
  edges: Pick<Stores, 'transaction' | 'recordEvent' | 'certificates'> & {
    readonly database: Database;
    readonly users: ServiceUserStore;
    readonly issuePair: IssuePair;
    readonly findRenewalSettings: FindRenewalSettings;
    readonly clock: Clock;
    readonly random: RandomBytes;
  },
): UserRenewals {
  const dueUsers = makeDueUserStore(edges.database.db);
  const renew = makeRenewServiceUser(edges);
  return {
    renewNow: makeRenewNow({ ...edges, dueUsers, renew }),
    askForRenewals: makeAskForRenewals({ ...edges, store: askedRenewals }),
    acknowledgeService: makeAcknowledgeService(edges),
    revokeOldCertificates: makeRevokeOldCertificates(edges),
    changeNextKey: makeChangeNextKey(edges),
    changeRecipients: makeChangeRecipients(edges),
  };
}
