import type { Kysely } from 'kysely';
import type { RecordEvent } from '../authority/audit.js';
import { revokeHolders } from '../authority/revoke-holders.js';
import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import type { ChangeOrigin, InTransaction } from '../people/record-change.js';
import { retryTransient } from '../storage/retry-transient.js';
import type { Schema } from '../storage/schema.js';
import { holderOfService } from './certify-service.js';
import { requireProject } from './change-projects.js';
import type { CreateServiceUser } from './create-service-user.js';
import type { ProjectStore } from './project-store.js';
import { effectiveRenewalSettings, judgeRenewalSettings } from './renewal-settings.js';
import type { EffectiveRenewalSettings, RenewalSettings } from './renewal-settings.js';
import { judgeServiceName } from './service-names.js';
import type { ServiceName, ServiceStore } from './service-store.js';
import { serviceTypes } from './service-types.js';
import type { ServiceTypeName } from './service-types.js';
import type { ServiceUserStore } from './service-user-store.js';
import { holderOfServiceUser } from './service-user.js';
import { serviceUnknown } from './service.js';
import type { Service } from './service.js';

/** What can be said of a service when it is made and later. */
export type ServiceFacts = Omit<
  Service,
  'project' | 'name' | 'type' | 'trustUpdate' | 'createdAt' | 'updatedAt'
>;

/** Each throws a Failure where it cannot. */
export interface ChangeServices {
  /** With its primary user. */
  create(
    order: ChangeOrigin &
      ServiceName & { readonly type: ServiceTypeName; readonly facts: Partial<ServiceFacts> },
  ): Promise<void>;
  /** `factsFor` says what becomes of the service as it is then; what it does not name stays. */
  change(
    order: ChangeOrigin &
      ServiceName & { readonly factsFor: (service: Service) => Partial<ServiceFacts> },
  ): Promise<void>;
  /** With its users; their certificates and those of its servers are revoked. */
  remove(order: ChangeOrigin & ServiceName): Promise<void>;
}

interface Edges {
  readonly transaction: InTransaction;
  readonly projects: Pick<ProjectStore, 'find' | 'lock'>;
  readonly services: ServiceStore;
  readonly users: Pick<ServiceUserStore, 'removeAll'>;
  readonly createUser: CreateServiceUser;
  /** The gateway's settings. */
  readonly renewalDefaults: EffectiveRenewalSettings;
  /** Whether the CA of a project rolls over: what is made then trusts both from the start. */
  readonly isRollingOver: (project: string, trx: Kysely<Schema>) => Promise<boolean>;
  readonly recordEvent: RecordEvent;
  readonly clock: Clock;
}

const primaryUser = 'avnadmin';

/** Makes, changes and deletes services. */
export function makeChangeServices(edges: Edges): ChangeServices {
  return {
    create: (order) => createService(order, edges),
    change: ({ project, name, factsFor, ...origin }) =>
      edges.transaction(async (trx) => {
        const parent = await requireProject(edges.projects, project, trx);
        const old = await edges.services.lock({ project, name }, trx);
        if (!old) throw serviceUnknown();
        const facts = factsFor(old);
        const fields = Object.keys(facts);
        if (fields.length === 0) return;
        const service = { ...old, ...facts, updatedAt: edges.clock() };
        judgeServiceRenewal(service, parent, edges.renewalDefaults);
        await edges.services.update(service, trx);
        const event = { action: 'service.changed', project, service: name, ...origin };
        await edges.recordEvent({ ...event, detail: { fields } }, trx);
      }),
    remove: (order) => retryTransient(() => removeService(order, edges)),
  };
}

async function createService(
  { project, name, type, facts, ...origin }: Parameters<ChangeServices['create']>[0],
  { projects, services, createUser, renewalDefaults, isRollingOver, recordEvent, clock }: Edges,
): Promise<void> {
  const parent = await projects.find(project);
  if (!parent) throw new Failure('project-unknown', 'Project not found.');
  const now = clock();
  const service: Service = {
    plan: 'self-hosted',
    cloud: parent.defaultCloud,
    isPowered: true,
    host: '',
    port: serviceTypes[type].port,
    userConfig: {},
    techEmails: [],
    validitySeconds: null,
    renewBeforeSeconds: null,
    ...facts,
    project,
    name: judgeServiceName(name),
    type,
    trustUpdate: 0,
    createdAt: now,
    updatedAt: now,
  };
  judgeServiceRenewal(service, parent, renewalDefaults);
  // Before a key is made for nothing; the insert decides.
  if (await services.find({ project, name })) throw existsAlready(name);
  await createUser({
    service,
    username: primaryUser,
    type: 'primary',
    accessControl: {},
    authentication: null,
    validitySeconds: effectiveRenewalSettings(service, parent, renewalDefaults).validitySeconds,
    ...origin,
    beforehand: async (trx) => {
      await requireProject(projects, project, trx);
      const trustUpdate = (await isRollingOver(project, trx)) ? 1 : 0;
      if (!(await services.insert({ ...service, trustUpdate }, trx))) throw existsAlready(name);
      const event = { action: 'service.created', project, service: name, ...origin };
      await recordEvent({ ...event, detail: { type } }, trx);
    },
  });
}

async function removeService(
  { project, name, ...origin }: ChangeOrigin & ServiceName,
  { transaction, services, users, recordEvent, clock }: Edges,
): Promise<void> {
  await transaction(async (trx: Kysely<Schema>) => {
    if (!(await services.lock({ project, name }, trx))) throw serviceUnknown();
    const usernames = await users.removeAll({ project, service: name }, trx);
    const holders = usernames.map((username) =>
      holderOfServiceUser({ project, service: name, username }),
    );
    const reason = 'cessationOfOperation';
    const revocation = { kind: 'service-user', holders, reason, now: clock() } as const;
    const revoked =
      (await revokeHolders(trx, revocation)) +
      (await revokeHolders(trx, {
        ...revocation,
        kind: 'service',
        holders: [holderOfService({ project, name })],
      }));
    await services.remove({ project, name }, trx);
    const event = { action: 'service.deleted', project, service: name, ...origin };
    await recordEvent({ ...event, detail: { users: usernames.length, revoked } }, trx);
  });
}

function judgeServiceRenewal(
  service: RenewalSettings,
  project: RenewalSettings,
  defaults: EffectiveRenewalSettings,
): void {
  const inherited = effectiveRenewalSettings(noSettings, project, defaults);
  judgeRenewalSettings(service, inherited);
}

const noSettings = { validitySeconds: null, renewBeforeSeconds: null };

function existsAlready(name: string): Failure {
  return new Failure('exists-already', `A service ${name} already exists.`);
}
