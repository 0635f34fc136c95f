import { hash, randomBytes, X509Certificate } from 'node:crypto';
import type { Test } from 'supertest';
import { makeAuthorityStore } from '../../src/authority/authority-store.js';
import type { StoredAuthority } from '../../src/authority/authority-store.js';
import { makeCertificateStore } from '../../src/authority/certificate-store.js';
import { makeIssueCertificate } from '../../src/authority/issue-certificate.js';
import { makeRecordCertificate } from '../../src/authority/record-certificate.js';
import { makeNewAuthority } from '../../src/authority/new-authority.js';
import { makeRollOverStore } from '../../src/authority/roll-over-store.js';
import { makeTemplates } from '../../src/authority/templates.js';
import { makeRenewServiceUser } from '../../src/credentials/renew-service-user.js';
import { readConfig } from '../../src/config.js';
import { openMasterKey } from '../../src/gateway/open-master-key.js';
import { makeServiceUsers } from '../../src/gateway/service-users.js';
import type { ServiceUsers } from '../../src/gateway/service-users.js';
import { makeStores } from '../../src/gateway/stores.js';
import { encodePem } from '../../src/pki/pem.js';
import type { TestGateway } from './gateway.js';
import { openProject } from './people.js';
import type { House } from './people.js';

/** A user of a service as an answer shows it. */
export interface ShownUser {
  readonly username: string;
  readonly type: string;
  readonly password: string | null;
  readonly access_cert: string;
  readonly access_key: string;
  readonly access_cert_not_valid_after_time: string;
  readonly expiring_cert_not_valid_after_time?: string;
}

export const servicePath = '/v1/project/p1/service/kafka-1';

/** The project `p1` with the service `kafka-1`. */
export interface ServiceHouse extends House {
  readonly user: (name: string) => Promise<ShownUser>;
  readonly reset: (name: string, body?: object) => Test;
}

export async function openService(gateway: TestGateway): Promise<ServiceHouse> {
  const house = await openProject(gateway);
  await house.asRoot('post', '/v1/project/p1/service', newKafka).expect(200);
  return {
    ...house,
    user: async (name) => {
      const { body } = await house.asRoot('get', `${servicePath}/user/${name}`).expect(200);
      return body.user as ShownUser;
    },
    reset: (name, body = {}) =>
      house.asRoot('put', `${servicePath}/user/${name}`, {
        operation: 'reset-credentials',
        ...body,
      }),
  };
}

/** What `avn service create` sends for a service of Kafka. */
export const newKafka = {
  cloud: '',
  plan: 'self-hosted',
  service_integrations: [],
  service_name: 'kafka-1',
  service_type: 'kafka',
  user_config: { host: 'kafka.example.com', port: 9093 },
  termination_protection: false,
  static_ips: [],
};

/** The operations on service users, on the record of a gateway and beside it. */
export async function serviceUsersOf(gateway: TestGateway): Promise<ServiceUsers> {
  const { database, clock } = gateway;
  const config = readConfig(gateway.settings);
  const stores = makeStores(database, clock.now);
  const masterKey = await openMasterKey({ config, database, stores, random });
  const certificates = makeCertificateStore(database.db);
  return makeServiceUsers({
    config,
    database,
    stores,
    masterKey,
    random,
    clock: clock.now,
    log: { debug: none, info: none, warn: none, error: none },
    issue: makeIssueCertificate({
      activeAuthority: () => {
        throw new Error('a service user is of its project');
      },
      templateFor: makeTemplates(config.pki.url),
      record: makeRecordCertificate({ database, certificates, clock: clock.now }),
      clock: clock.now,
      random,
      countIssued: none,
    }),
  });
}

/** Renews a user now, as the periodic pass does; its renewal is pending from then on. */
export async function renewUser(gateway: TestGateway, username: string): Promise<void> {
  const { clock } = gateway;
  const { users, issuePair } = await serviceUsersOf(gateway);
  const { renewalDefaults } = readConfig(gateway.settings);
  const user = await users.find({ project: 'p1', service: 'kafka-1', username });
  if (!user?.pair) throw new Error(`${username} has no pair`);
  const renew = makeRenewServiceUser({
    users,
    issuePair,
    certificates: makeCertificateStore(gateway.database.db),
    clock: clock.now,
    random,
  });
  const order = { validitySeconds: renewalDefaults.validitySeconds, actor: 'gateway' };
  await renew({ ...order, user: { ...user, pair: user.pair } });
}

const none = (): void => undefined;
const random = (length: number): Buffer => randomBytes(length);

/** SHA-256 of a certificate in PEM, as the record names it. */
export function sha256Of(certificatePem: string): string {
  return hash('sha256', new X509Certificate(certificatePem).raw);
}

/** The authorities of a project, as the record has them. */
export async function authoritiesOf(
  gateway: TestGateway,
  project: string,
): Promise<StoredAuthority[]> {
  return makeAuthorityStore(gateway.database, `project:${project}`).list();
}

/** The next authority of a project, prepared, as a roll-over makes it. */
export async function prepareAuthority(
  gateway: TestGateway,
  project: string,
): Promise<{
  readonly id: string;
  readonly pem: string;
  readonly activate: () => Promise<void>;
}> {
  const { database, clock } = gateway;
  const config = readConfig(gateway.settings);
  const stores = makeStores(database, clock.now);
  const masterKey = await openMasterKey({ config, database, stores, random });
  const next = await makeNewAuthority(
    { masterKey, clock: clock.now, random },
    {
      keyType: 'ec-p256',
      validitySeconds: 3650 * 86_400,
      organization: 'Everleaf',
      commonName: `${project} Project CA 2`,
    },
  );
  const rollOver = makeRollOverStore(`project:${project}`);
  await database.transaction((trx) => rollOver.insertPrepared(next, trx));
  return {
    id: next.id,
    pem: encodePem('CERTIFICATE', Buffer.from(next.certificate, 'base64')),
    activate: async () => {
      await database.transaction((trx) => rollOver.activate(next.id, clock.now(), trx));
    },
  };
}
