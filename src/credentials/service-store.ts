import type { Kysely, Selectable } from 'kysely';
import { lockRows, shareRows } from '../storage/row-lock.js';
import type { Schema } from '../storage/schema.js';
import type { JsonObject, Service } from './service.js';

/** Where a service belongs and how it is called. */
export interface ServiceName {
  readonly project: string;
  readonly name: string;
}

export interface ServiceStore {
  find(name: ServiceName, executor?: Kysely<Schema>): Promise<Service | undefined>;
  /** By name. */
  list(project: string): Promise<Service[]>;
  /** False where there is one of this name. */
  insert(service: Service, trx: Kysely<Schema>): Promise<boolean>;
  /** Holds a service until the transaction ends, alone; undefined where there is none. */
  lock(name: ServiceName, trx: Kysely<Schema>): Promise<Service | undefined>;
  /** The same together with others: it is not deleted meanwhile. */
  hold(name: ServiceName, trx: Kysely<Schema>): Promise<boolean>;
  update(service: Service, trx: Kysely<Schema>): Promise<void>;
  /** After its users. */
  remove(name: ServiceName, trx: Kysely<Schema>): Promise<void>;
}

/** The SQL of services. */
export function makeServiceStore(db: Kysely<Schema>): ServiceStore {
  return {
    find: async (name, executor = db) => {
      const row = await selectService(executor, name).executeTakeFirst();
      return row && serviceOf(row);
    },
    list: async (project) => {
      const query = db.selectFrom('services').selectAll().where('project', '=', project);
      return (await query.orderBy('name').execute()).map(serviceOf);
    },
    insert: async (service, trx) => {
      const result = await trx
        .insertInto('services')
        .values(rowOf(service))
        .onConflict((conflict) => conflict.columns(['project', 'name']).doNothing())
        .executeTakeFirstOrThrow();
      return result.numInsertedOrUpdatedRows === 1n;
    },
    lock: async (name, trx) => {
      const row = await lockRows(trx, selectService(trx, name)).executeTakeFirst();
      return row && serviceOf(row);
    },
    hold: async (name, trx) =>
      (await shareRows(trx, selectService(trx, name)).executeTakeFirst()) !== undefined,
    update: async (service, trx) => {
      await trx
        .updateTable('services')
        .set(rowOf(service))
        .where('project', '=', service.project)
        .where('name', '=', service.name)
        .execute();
    },
    remove: async ({ project, name }, trx) => {
      await trx
        .deleteFrom('services')
        .where('project', '=', project)
        .where('name', '=', name)
        .execute();
    },
  };
}

function selectService(db: Kysely<Schema>, { project, name }: ServiceName) {
  return db
    .selectFrom('services')
    .selectAll()
    .where('project', '=', project)
    .where('name', '=', name);
}

function rowOf(service: Service): Schema['services'] {
  return {
    project: service.project,
    name: service.name,
    type: service.type,
    plan: service.plan,
    cloud: service.cloud,
    is_powered: service.isPowered ? 1 : 0,
    host: service.host,
    port: service.port,
    user_config: JSON.stringify(service.userConfig),
    tech_emails: JSON.stringify(service.techEmails),
    validity_seconds: service.validitySeconds,
    renew_before_seconds: service.renewBeforeSeconds,
    trust_update: service.trustUpdate,
    created_at: service.createdAt,
    updated_at: service.updatedAt,
  };
}

function serviceOf(row: Selectable<Schema['services']>): Service {
  return {
    project: row.project,
    name: row.name,
    type: row.type,
    plan: row.plan,
    cloud: row.cloud,
    isPowered: row.is_powered === 1,
    host: row.host,
    port: row.port,
    userConfig: JSON.parse(row.user_config) as JsonObject, // written by rowOf
    techEmails: JSON.parse(row.tech_emails) as string[], // written by rowOf
    validitySeconds: row.validity_seconds,
    renewBeforeSeconds: row.renew_before_seconds,
    trustUpdate: row.trust_update,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
