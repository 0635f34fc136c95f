import type { AuthoritySet } from '../authority/authority-set.js';
import { makeIssueCertificate } from '../authority/issue-certificate.js';
import type { IssueCertificate } from '../authority/issue-certificate.js';
import { openAuthorities } from '../authority/open-authorities.js';
import { makeRecordCertificate } from '../authority/record-certificate.js';
import { makeTemplates } from '../authority/templates.js';
import type { Config } from '../config.js';
import { makeCountEnding } from '../credentials/ending-user-counts.js';
import type { Clock, Log, RandomBytes } from '../edges.js';
import { makeMetrics } from '../http/metrics.js';
import type { Metrics } from '../http/metrics.js';
import type { Database } from '../storage/database.js';
import type { MasterKey } from '../storage/master-key.js';
import { openMasterKey } from './open-master-key.js';
import { makeServiceUsers } from './service-users.js';
import type { ServiceUsers } from './service-users.js';
import { makeStores } from './stores.js';
import type { Stores } from './stores.js';

/** The edges of the process that a test may replace. */
export interface Edges {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
}

/** What the parts of a gateway share once the record and the authorities are open. */
export interface Foundation extends Edges {
  readonly config: Config;
  readonly database: Database;
  readonly masterKey: MasterKey;
  readonly stores: Stores;
  readonly authorities: AuthoritySet;
  readonly issue: IssueCertificate;
  readonly metrics: Metrics;
  /** Services, their users and the authorities of projects. */
  readonly serviceUsers: ServiceUsers;
}

/** Opens everything below the listeners: stores, master key, authorities, the one way to issue. */
export async function layFoundation(
  config: Config,
  edges: Edges,
  database: Database,
): Promise<Foundation> {
  const { clock, random, log } = edges;
  const stores = makeStores(database, clock);
  const masterKey = await openMasterKey({ config, database, stores, random });
  const authorities = await openAuthorities({
    store: stores.authorities,
    settingsStore: stores.settings,
    masterKey,
    clock,
    random,
    log,
    settings: { ...config.authority, organization: config.subject.O },
  });
  const metrics = makeMetrics({
    secondsToExpiry: () => authorities.active().issuer.certificate.notAfter - clock(),
    countEnding: makeCountEnding({ db: database.db, clock, log }),
    clock,
  });
  if (config.pki.url === undefined) {
    log.warn(
      {},
      'EVERLEAF_PKI_URL is not set: certificates name neither revocation list nor OCSP responder',
    );
  }
  const issue = makeIssueCertificate({
    activeAuthority: authorities.active,
    templateFor: makeTemplates(config.pki.url),
    record: makeRecordCertificate({ database, certificates: stores.certificates, clock }),
    clock,
    random,
    countIssued: metrics.countIssued,
  });
  const below = { clock, random, log, config, database, masterKey, stores, issue };
  return { ...below, authorities, metrics, serviceUsers: makeServiceUsers(below) };
}
