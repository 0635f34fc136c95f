import { makeNodeCertificateStore } from '../authority/node-certificate-store.js';
import type { NodeCertificateStore } from '../authority/node-certificate-store.js';
import { makeProjectAuthorities } from '../authority/project-authorities.js';
import type { ProjectAuthorities } from '../authority/project-authorities.js';
import type { IssueCertificate } from '../authority/issue-certificate.js';
import type { Config } from '../config.js';
import { makeAcknowledgeRenewal } from '../credentials/acknowledge-renewal.js';
import type { AcknowledgeRenewal } from '../credentials/acknowledge-renewal.js';
import { makeCertifyService } from '../credentials/certify-service.js';
import type { CertifyService } from '../credentials/certify-service.js';
import { makeChangeServices } from '../credentials/change-services.js';
import type { ChangeServices } from '../credentials/change-services.js';
import { makeCreateServiceUser } from '../credentials/create-service-user.js';
import type { CreateServiceUser } from '../credentials/create-service-user.js';
import { makeDeleteServiceUser } from '../credentials/delete-service-user.js';
import type { DeleteServiceUser } from '../credentials/delete-service-user.js';
import { makeIssuePair } from '../credentials/issue-pair.js';
import type { IssuePair } from '../credentials/issue-pair.js';
import { makeProjectStore } from '../credentials/project-store.js';
import { makeReadCredentials } from '../credentials/read-credentials.js';
import type { ReadCredentials } from '../credentials/read-credentials.js';
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
import { selfServiceStore } from '../credentials/self-service-store.js';
import { makeSetSelfService } from '../credentials/set-self-service.js';
import type { SetSelfService } from '../credentials/set-self-service.js';
import type { Clock, Log, RandomBytes } from '../edges.js';
import type { Database } from '../storage/database.js';
import type { MasterKey } from '../storage/master-key.js';
import { makeCaRotations } from './ca-rotations.js';
import type { CaRotations } from './ca-rotations.js';
import type { Stores } from './stores.js';

/** Services, their users and the authorities of projects: for the routes and the command line. */
export interface ServiceUsers {
  readonly services: ServiceStore;
  readonly users: ServiceUserStore;
  readonly secrets: Secrets;
  readonly authorities: ProjectAuthorities;
  readonly caRotations: CaRotations;
  readonly issuePair: IssuePair;
  readonly createUser: CreateServiceUser;
  readonly resetCredentials: ResetCredentials;
  readonly resetService: ResetService;
  readonly changeServices: ChangeServices;
  readonly deleteUser: DeleteServiceUser;
  readonly acknowledgeRenewal: AcknowledgeRenewal;
  readonly setAccessControl: SetAccessControl;
  readonly setSelfService: SetSelfService;
  readonly readCredentials: ReadCredentials;
  readonly findRenewalSettings: FindRenewalSettings;
  readonly certifyService: CertifyService;
  readonly nodeCertificates: NodeCertificateStore;
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
  const caRotations = makeCaRotations({ ...edges, authorities });
  const issuePair = makeIssuePair({
    issue,
    activeAuthority: authorities.activeAuthority,
    certificates,
    secrets,
    keyType: config.serviceUserKeyType,
  });
  const nodeCertificates = makeNodeCertificateStore(database.db);
  const findRenewalSettings = makeFindRenewalSettings({ projects, defaults: renewalDefaults });
  const { isRollingOver } = caRotations;
  const made = { users, services, issuePair, secrets, isRollingOver };
  const shared = { ...made, transaction, recordEvent, clock, random };
  const createUser = makeCreateServiceUser({ ...shared, nodeCertificates });
  const resetCredentials = makeResetCredentials(shared);
  return {
    services,
    users,
    secrets,
    authorities,
    caRotations,
    issuePair,
    createUser,
    resetCredentials,
    resetService: makeResetService({ users, resetCredentials }),
    changeServices: makeChangeServices({ ...shared, projects, createUser, renewalDefaults }),
    deleteUser: makeDeleteServiceUser(shared),
    acknowledgeRenewal: makeAcknowledgeRenewal(shared),
    setAccessControl: makeSetAccessControl(shared),
    setSelfService: makeSetSelfService({ ...shared, store: selfServiceStore }),
    readCredentials: makeReadCredentials({ authorities, secrets }),
    findRenewalSettings,
    certifyService: makeCertifyService({ ...shared, issue, authorities, findRenewalSettings }),
    nodeCertificates,
  };
}
