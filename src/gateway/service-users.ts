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
import { makeReadCredentials, makeReadKeyless } from '../credentials/read-credentials.js';
import type { ReadCredentials, ReadKeyless } from '../credentials/read-credentials.js';
import { makeResetCredentials } from '../credentials/reset-credentials.js';
import type { ResetCredentials } from '../credentials/reset-credentials.js';
import { makeResetService } from '../credentials/reset-service.js';
import type { ResetService } from '../credentials/reset-service.js';
import { makeSetAccessControl } from '../credentials/set-access-control.js';
import type { SetAccessControl } from '../credentials/set-access-control.js';
import { selfServiceStore } from '../credentials/self-service-store.js';
import { makeSetSelfService } from '../credentials/set-self-service.js';
import type { SetSelfService } from '../credentials/set-self-service.js';
import { findAccessOf } from '../governance/access-store.js';
import { makeUserRenewals } from './user-renewals.js';
import type { UserRenewals } from './user-renewals.js';
import { layServiceUserGround } from './service-user-ground.js';
import type { ServiceUserEdges, ServiceUserGround } from './service-user-ground.js';

/** Services, their users and the authorities of projects: for the routes and the command line. */
export interface ServiceUsers extends UserRenewals, Omit<ServiceUserGround, 'projects'> {
  readonly createUser: CreateServiceUser;
  readonly resetCredentials: ResetCredentials;
  readonly resetService: ResetService;
  readonly changeServices: ChangeServices;
  readonly deleteUser: DeleteServiceUser;
  readonly acknowledgeRenewal: AcknowledgeRenewal;
  readonly setAccessControl: SetAccessControl;
  readonly setSelfService: SetSelfService;
  readonly readCredentials: ReadCredentials;
  readonly readKeyless: ReadKeyless;
  readonly certifyService: CertifyService;
}

/** Wires them over one database. */
export function makeServiceUsers(edges: ServiceUserEdges): ServiceUsers {
  const { config, database, issue, clock, random } = edges;
  const { transaction, recordEvent, certificates } = edges.stores;
  const { renewalDefaults } = config;
  const { projects, ...ground } = layServiceUserGround(edges);
  const { users, authorities, secrets, findRenewalSettings, nodeCertificates } = ground;
  const { isRollingOver } = ground.caRotations;
  const shared = { ...ground, isRollingOver, transaction, recordEvent, clock, random };
  const createUser = makeCreateServiceUser({ ...shared, nodeCertificates, findAccessOf });
  const resetCredentials = makeResetCredentials(shared);
  return {
    ...ground,
    createUser,
    resetCredentials,
    resetService: makeResetService({ users, resetCredentials }),
    changeServices: makeChangeServices({ ...shared, projects, createUser, renewalDefaults }),
    deleteUser: makeDeleteServiceUser(shared),
    acknowledgeRenewal: makeAcknowledgeRenewal(shared),
    setAccessControl: makeSetAccessControl(shared),
    setSelfService: makeSetSelfService({ ...shared, store: selfServiceStore }),
    readCredentials: makeReadCredentials({ authorities, secrets }),
    readKeyless: makeReadKeyless({ authorities }),
    certifyService: makeCertifyService({ ...shared, findAccessOf, issue }),
    ...makeUserRenewals({ ...shared, database, certificates, findRenewalSettings }),
  };
}
