import { randomBytes, X509Certificate } from 'node:crypto';
import { keyNames } from '../../src/authority/authority-store.js';
import { makeCertificateStore } from '../../src/authority/certificate-store.js';
import { makeNewAuthority } from '../../src/authority/new-authority.js';
import { makeDueUserStore } from '../../src/credentials/due-user-store.js';
import type { DueUserStore } from '../../src/credentials/due-user-store.js';
import { makeProjectStore } from '../../src/credentials/project-store.js';
import { makeRenewServiceUser } from '../../src/credentials/renew-service-user.js';
import type { RenewServiceUser } from '../../src/credentials/renew-service-user.js';
import type { Secrets } from '../../src/credentials/secrets.js';
import { readJsonObject } from '../../src/credentials/service.js';
import type { ServiceUser } from '../../src/credentials/service-user.js';
import { encodePem } from '../../src/pki/pem.js';
import type { ProjectRole } from '../../src/storage/schema.js';
import { startTestGateway } from './gateway.js';
import type { TestClock, TestGateway } from './gateway.js';
import { addOrganization, addUser } from './people.js';
import type { TestUser } from './people.js';
import { replicaSettings } from './replicas.js';
import { serviceUsersOf } from './services.js';
import { masterKeyOf } from './unsealed.js';

export const day = 86_400;

/** Keys that are made in no time. */
export const quickKeys = { EVERLEAF_SERVICE_USER_KEY_TYPE: 'ec-p256' };

/** What a service is unless a test says otherwise. */
interface ServiceInput {
  readonly name?: string;
  readonly type?: string;
  readonly userConfig?: object;
  readonly techEmails?: readonly string[];
  readonly validitySeconds?: number;
  readonly renewBeforeSeconds?: number;
}

/** A gateway with the project `p1`, and what the routes of service users do. */
export interface ServiceHouse {
  readonly gateway: TestGateway;
  readonly organization: string;
  readonly root: TestUser;
  readonly secrets: Secrets;
  /** `gateway.renewServiceUsers`. */
  readonly pass: () => Promise<void>;
  addProject(
    name: string,
    facts?: {
      readonly techEmails?: readonly string[];
      readonly renewBeforeSeconds?: number;
      readonly authoritySeconds?: number;
    },
  ): Promise<void>;
  addMember(role: ProjectRole, email?: string): Promise<TestUser>;
  addService(service?: ServiceInput, project?: string): Promise<void>;
  changeService(change: {
    readonly name?: string;
    readonly isPowered?: boolean;
    readonly userConfig?: object;
    readonly techEmails?: readonly string[];
  }): Promise<void>;
  addUser(
    username: string,
    where?: {
      readonly service?: string;
      readonly project?: string;
      readonly validitySeconds?: number;
      readonly recipients?: readonly string[];
    },
  ): Promise<ServiceUser>;
  find(username: string, where?: { service?: string; project?: string }): Promise<ServiceUser>;
  acknowledge(user: ServiceUser): Promise<boolean>;
  /** As the pass reads and renews: for what happens between the two. */
  readonly dueUsers: DueUserStore;
  readonly renew: RenewServiceUser;
}

/** On a database of its own. */
export async function startServiceHouse(
  database: { readonly url: string },
  { clock, settings = {} }: { clock?: TestClock; settings?: Record<string, string> } = {},
): Promise<ServiceHouse> {
  const all = { ...replicaSettings(database.url), ...quickKeys, ...settings };
  return openServiceHouse(await startTestGateway(all, clock));
}

/** In a gateway that runs. */
export async function openServiceHouse(gateway: TestGateway): Promise<ServiceHouse> {
  const root = await addUser(gateway, 'root@example.com');
  const organization = await addOrganization(gateway, { admins: [root] });
  const house = await makeHouse(gateway, { root, organization });
  await house.addProject('p1');
  return house;
}

async function makeHouse(
  gateway: TestGateway,
  { root, organization }: { readonly root: TestUser; readonly organization: string },
): Promise<ServiceHouse> {
  const { database, clock } = gateway;
  const { db } = database;
  const transaction: typeof database.transaction = (work) => database.transaction(work);
  const random = (length: number): Uint8Array => randomBytes(length);
  const masterKey = await masterKeyOf(gateway);
  const serviceUsers = await serviceUsersOf(gateway);
  const { users, secrets, issuePair, createUser: create } = serviceUsers;
  const find: ServiceHouse['find'] = async (username, where = {}) => {
    const { project = 'p1', service = 'kafka-1' } = where;
    const user = await users.find({ project, service, username });
    if (!user) throw new Error(`there is no service user ${username}`);
    return user;
  };
  return {
    gateway,
    organization,
    root,
    secrets,
    pass: gateway.renewServiceUsers,
    addProject: async (name, { techEmails = [], renewBeforeSeconds, authoritySeconds } = {}) => {
      const now = clock.now();
      const form = { keyType: 'ec-p256', organization: name, commonName: `${name} CA` } as const;
      const authority = await makeNewAuthority(
        { masterKey, clock: clock.now, random },
        { ...form, validitySeconds: authoritySeconds ?? 3650 * day },
      );
      await transaction(async (trx) => {
        await makeProjectStore(db).insert(
          {
            name,
            organizationId: organization,
            defaultCloud: '',
            techEmails,
            validitySeconds: null,
            renewBeforeSeconds: renewBeforeSeconds ?? null,
            createdAt: now,
            updatedAt: now,
          },
          trx,
        );
        await trx
          .insertInto('authorities')
          .values({
            id: authority.id,
            purpose: `project:${name}`,
            state: 'active',
            certificate: authority.certificate,
            chain: '',
            sealed_key: authority.sealedKey,
            created_at: now,
            state_since: now,
            ...keyNames(authority),
          })
          .execute();
      });
    },
    addMember: async (role, email = `${role}@example.com`) => {
      const user = await addUser(gateway, email);
      await db
        .insertInto('project_members')
        .values({ project: 'p1', user_id: user.id, role, joined_at: clock.now() })
        .execute();
      return user;
    },
    addService: async (service = {}, project = 'p1') => {
      await db
        .insertInto('services')
        .values({ ...serviceRow(service, clock.now()), project })
        .execute();
    },
    changeService: async ({ name = 'kafka-1', isPowered, userConfig, techEmails }) => {
      await db
        .updateTable('services')
        .set({
          ...(isPowered === undefined ? {} : { is_powered: Number(isPowered) }),
          ...(userConfig === undefined ? {} : { user_config: JSON.stringify(userConfig) }),
          ...(techEmails === undefined ? {} : { tech_emails: JSON.stringify(techEmails) }),
        })
        .where('project', '=', 'p1')
        .where('name', '=', name)
        .execute();
    },
    addUser: async (username, where = {}) => {
      const { project = 'p1', service: name = 'kafka-1', recipients = [] } = where;
      const row = await db
        .selectFrom('services')
        .selectAll()
        .where('project', '=', project)
        .where('name', '=', name)
        .executeTakeFirstOrThrow();
      const user = await create({
        service: {
          project,
          name,
          type: row.type,
          plan: '',
          cloud: '',
          isPowered: row.is_powered === 1,
          host: '',
          port: 0,
          userConfig: readJsonObject(row.user_config),
          techEmails: [],
          validitySeconds: null,
          renewBeforeSeconds: null,
          trustUpdate: 0,
          createdAt: 0,
          updatedAt: 0,
        },
        username,
        type: 'normal',
        accessControl: {},
        authentication: null,
        validitySeconds: where.validitySeconds ?? 820 * day,
        actor: 'user:root@example.com',
      });
      await db
        .updateTable('service_users')
        .set({ recipients: JSON.stringify(recipients) })
        .where('id', '=', user.id)
        .execute();
      return find(username, { project, service: name });
    },
    find,
    acknowledge: async (user) =>
      serviceUsers.acknowledgeRenewal({ user, actor: 'user:root@example.com' }),
    dueUsers: makeDueUserStore(db),
    renew: makeRenewServiceUser({
      users,
      issuePair,
      certificates: makeCertificateStore(db),
      clock: clock.now,
      random,
    }),
  };
}

function serviceRow(service: ServiceInput, now: number) {
  return {
    name: service.name ?? 'kafka-1',
    type: service.type ?? 'kafka',
    plan: 'self-hosted',
    cloud: '',
    is_powered: 1,
    host: 'kafka.example.com',
    port: 9093,
    user_config: JSON.stringify(service.userConfig ?? {}),
    tech_emails: JSON.stringify(service.techEmails ?? []),
    validity_seconds: service.validitySeconds ?? null,
    renew_before_seconds: service.renewBeforeSeconds ?? null,
    trust_update: 0,
    created_at: now,
    updated_at: now,
  };
}

/** The certificate of a user, read. */
export function certificateOf({ pair }: Pick<ServiceUser, 'pair'>): X509Certificate {
  if (!pair) throw new Error('the service user has no certificate');
  return new X509Certificate(encodePem('CERTIFICATE', Buffer.from(pair.certificate, 'base64')));
}
