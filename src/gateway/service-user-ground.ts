import type { IssueCertificate } from '../authority/issue-certificate.js';
import { makeNodeCertificateStore } from '../authority/node-certificate-store.js';
import type { NodeCertificateStore } from '../authority/node-certificate-store.js';
import { makeProjectAuthorities } from '../authority/project-authorities.js';
import type { ProjectAuthorities } from '../authority/project-authorities.js';
import type { Config } from '../config.js';
import { makeIssuePair } from '../credentials/issue-pair.js';
import type { IssuePair } from '../credentials/issue-pair.js';
import { makeProjectStore } from '../credentials/project-store.js';
import type { ProjectStore } from '../credentials/project-store.js';
import { makeFindRenewalSettings } from '../credentials/renewal-settings.js';
import type { FindRenewalSettings } from '../credentials/renewal-settings.js';
import { makeSecrets } from '../credentials/secrets.js';
import type { Secrets } from '../credentials/secrets.js';
import { makeServiceStore } from '../credentials/service-store.js';
import type { ServiceStore } from '../credentials/service-store.js';
import { makeServiceUserStore } from '../credentials/service-user-store.js';
import type { ServiceUserStore } from '../credentials/service-user-store.js';
import type { Clock, Log, RandomBytes } from '../edges.js';
import type { Database } from '../storage/database.js';
import type { MasterKey } from '../storage/master-key.js';
import { makeCaRotations } from './ca-rotations.js';
import type { CaRotations } from './ca-rotations.js';
import type { Stores } from './stores.js';

/** What the operations on services and their users stand on. */
export interface ServiceUserGround {
  readonly projects: ProjectStore;
  readonly services: ServiceStore;
  readonly users: ServiceUserStore;
  readonly secrets: Secrets;
  readonly authorities: ProjectAuthorities;
  readonly caRotations: CaRotations;
  readonly issuePair: IssuePair;
  readonly findRenewalSettings: FindRenewalSettings;
  readonly nodeCertificates: NodeCertificateStore;
}

export interface ServiceUserEdges {
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
}

/** Stores, secrets and the authorities of projects, over one database. */
export function layServiceUserGround(edges: ServiceUserEdges): ServiceUserGround {
  const { config, database, issue, masterKey, random } = edges;
  const { recordEvent, certificates } = edges.stores;
  const projects = makeProjectStore(database.db);
  const secrets = makeSecrets(masterKey, random);
  const authorities = makeProjectAuthorities({
    ...edges,
    holdProject: async (name, trx) => (await projects.lock(name, trx)) !== undefined,
    recordEvent,
    keyType: config.projectAuthorityKeyType,
  });
  return {
    projects,
    services: makeServiceStore(database.db),
    users: makeServiceUserStore(database.db),
    secrets,
    authorities,
    caRotations: makeCaRotations({ ...edges, authorities }),
    issuePair: makeIssuePair({
      issue,
      activeAuthority: authorities.activeAuthority,
      certificates,
      secrets,
      keyType: config.serviceUserKeyType,
    }),
    findRenewalSettings: makeFindRenewalSettings({
      projects,
      defaults: config.renewalDefaults,
    }),
    nodeCertificates: makeNodeCertificateStore(database.db),
  };
}
