import { makeProjectAuthorities } from '../authority/project-authorities.js';
import type { ProjectAuthorities } from '../authority/project-authorities.js';
import type { IssueCertificate } from '../authority/issue-certificate.js';
import type { Config } from '../config.js';
import { makeAcknowledgeRenewal } from '../credentials/acknowledge-renewal.js';
import type { AcknowledgeRenewal } from '../credentials/acknowledge-renewal.js';
import { makeChangeServices } from '../credentials/change-services.js';
import type { ChangeServices } from '../credentials/change-services.js';
import { makeCreateServiceUser } from '../credentials/create-service-user.js';
import type { CreateServiceUser } from '../credentials/create-service-user.js';
import { makeDeleteServiceUser } from '../credentials/delete-service-user.js';
import type { DeleteServiceUser } from '../credentials/delete-service-user.js';
import { makeIssuePair } from '../credentials/issue-pair.js';
import type { IssuePair } from '../credentials/issue-pair.js';
import { makeProjectStore } from '../credentials/project-store.js';
import { makeReadCredentials, makeReadKeyless } from '../credentials/read-credentials.js';
import type { ReadCredentials, ReadKeyless } from '../credentials/read-credentials.js';
import { makeFindRenewalSettings } from '../credentials/renewal-settings.js';
import type { FindRenewalSettings } from '../credentials/renewal-settings.js';
import { makeResetCredentials } from '../credentials/reset-credentials.js';
import type { ResetCredentials } from '../credentials/reset-credentials.js';
import { makeResetService } from '../credentials/reset-service.js';
import type { ResetService } from '../credentials/reset-service.js';
import { makeSecrets } from '../credentials/secrets.js';
import type { Secrets } from '../credentials/secrets.js';
import { makeServiceStore } from '../credentials/service-store.js';
import type { ServiceStore } from '../credentials/service-store.js';
import { makeServiceUserStore } from '../credentials/service-user-store.js';
import type { ServiceUserStore } from '../credentials/service-user-store.js';
import { makeSetAccessControl } from '../credentials/set-access-control.js';
import type { SetAccessControl } from '../credentials/set-access-control.js';
import type { Clock, Log, RandomBytes } from '../edges.js';
import type { Database } from '../storage/database.js';
import type { MasterKey } from '../storage/master-key.js';
import type { Stores } from './stores.js';
import { makeUserRenewals } from './user-renewals.js';
import type { UserRenewals } from './user-renewals.js';

/** Services, their users and the authorities of projects: for the routes and the command line. */
export interface ServiceUsers extends UserRenewals {
  readonly services: ServiceStore;
  readonly users: ServiceUserStore;
  readonly secrets: Secrets;
  readonly authorities: ProjectAuthorities;
  readonly issuePair: IssuePair;
  readonly createUser: CreateServiceUser;
  readonly resetCredentials: ResetCredentials;
  readonly resetService: ResetService;
  readonly changeServices: ChangeServices;
  readonly deleteUser: DeleteServiceUser;
  readonly acknowledgeRenewal: AcknowledgeRenewal;
  readonly setAccessControl: SetAccessControl;
  readonly readCredentials: ReadCredentials;
  readonly readKeyless: ReadKeyless;
  readonly findRenewalSettings: FindRenewalSettings;
}

/** Wires them over one database. */
export function makeServiceUsers(edges: {
  readonly config: Pick<
    Config,
    'projectAuthorityKeyType' | 'serviceUserKeyType' | 'renewalDefaults'
  >;
  readonly database: Database;
  readonly stores: Pick<Stores, 'transaction' | 'recordEvent' | 'certificates'>;
  readonly issue: IssueCertificate;
  readonly masterKey: MasterKey;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
}): ServiceUsers {
  const { config, database, issue, masterKey, clock, random } = edges;
  const { transaction, recordEvent, certificates } = edges.stores;
  const { renewalDefaults } = config;
  const projects = makeProjectStore(database.db);
  const services = makeServiceStore(database.db);
  const users = makeServiceUserStore(database.db);
  const secrets = makeSecrets(masterKey, random);
  const authorities = makeProjectAuthorities({
    ...edges,
    holdProject: async (name, trx) => (await projects.lock(name, trx)) !== undefined,
    recordEvent,
    keyType: config.projectAuthorityKeyType,
  });
  const issuePair = makeIssuePair({
    issue,
    activeAuthority: authorities.activeAuthority,
    certificates,
    secrets,
    keyType: config.serviceUserKeyType,
  });
  const shared = { transaction, users, services, issuePair, secrets, recordEvent, clock, random };
  const createUser = makeCreateServiceUser(shared);
  const resetCredentials = makeResetCredentials(shared);
  const findRenewalSettings = makeFindRenewalSettings({ projects, defaults: renewalDefaults });
  return {
    services,
    users,
    secrets,
    authorities,
    issuePair,
    createUser,
    resetCredentials,
    resetService: makeResetService({ users, resetCredentials }),
    changeServices: makeChangeServices({ ...shared, projects, createUser, renewalDefaults }),
    deleteUser: makeDeleteServiceUser(shared),
    acknowledgeRenewal: makeAcknowledgeRenewal(shared),
    setAccessControl: makeSetAccessControl(shared),
    readCredentials: makeReadCredentials({ authorities, secrets }),
    readKeyless: makeReadKeyless({ authorities }),
    findRenewalSettings,
    ...makeUserRenewals({ ...shared, database, certificates, findRenewalSettings }),
  };
}
