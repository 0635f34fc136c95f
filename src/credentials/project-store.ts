import type { Kysely, Selectable } from 'kysely';
import { lockRows } from '../storage/row-lock.js';
import type { Schema } from '../storage/schema.js';
import type { RenewalSettings } from './renewal-settings.js';

/** A project: services, their users and one authority for them. Times in seconds UTC. */
export interface Project extends RenewalSettings {
  readonly name: string;
  readonly organizationId: string;
  readonly defaultCloud: string;
  /** Who gets mail besides admins and operators. */
  readonly techEmails: readonly string[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface ProjectStore {
  /** False where there is one of that name. */
  insert(project: Project, trx: Kysely<Schema>): Promise<boolean>;
  find(name: string, executor?: Kysely<Schema>): Promise<Project | undefined>;
  /** By name. */
  list(): Promise<Project[]>;
  /** Those of which a user is a member, and all of the organisations that the user administers, by name. */
  listOf(userId: string): Promise<Project[]>;
  /** Holds a project until the transaction ends; undefined where there is none. */
  lock(name: string, trx: Kysely<Schema>): Promise<Project | undefined>;
  update(project: Project, trx: Kysely<Schema>): Promise<void>;
  hasServices(name: string, trx: Kysely<Schema>): Promise<boolean>;
  /** With its members, invitations and webhooks. */
  remove(name: string, trx: Kysely<Schema>): Promise<void>;
}

/** The SQL of projects. */
export function makeProjectStore(db: Kysely<Schema>): ProjectStore {
  return {
    insert: async (project, trx) => {
      const result = await trx
        .insertInto('projects')
        .values(rowOf(project))
        .onConflict((conflict) => conflict.column('name').doNothing())
        .executeTakeFirstOrThrow();
      return result.numInsertedOrUpdatedRows === 1n;
    },
    find: async (name, executor = db) => {
      const query = executor.selectFrom('projects').selectAll().where('name', '=', name);
      const row = await query.executeTakeFirst();
      return row && projectOf(row);
    },
    list: async () => {
      const rows = await db.selectFrom('projects').selectAll().orderBy('name').execute();
      return rows.map(projectOf);
    },
    listOf: async (userId) => {
      const rows = await db
        .selectFrom('projects')
        .selectAll()
        .where((where) =>
          where.or([
            where('name', 'in', projectsOfMember(db, userId)),
            where('organization_id', 'in', organizationsOfAdmin(db, userId)),
          ]),
        )
        .orderBy('name')
        .execute();
      return rows.map(projectOf);
    },
    lock: async (name, trx) => {
      const query = trx.selectFrom('projects').selectAll().where('name', '=', name);
      const row = await lockRows(trx, query).executeTakeFirst();
      return row && projectOf(row);
    },
    update: async (project, trx) => {
      await trx
        .updateTable('projects')
        .set(rowOf(project))
        .where('name', '=', project.name)
        .execute();
    },
    hasServices: async (name, trx) => {
      const query = trx.selectFrom('services').select('name').where('project', '=', name).limit(1);
      return (await query.executeTakeFirst()) !== undefined;
    },
    remove: async (name, trx) => {
      await trx.deleteFrom('webhooks').where('project', '=', name).execute();
      await trx.deleteFrom('project_invitations').where('project', '=', name).execute();
      await trx.deleteFrom('project_members').where('project', '=', name).execute();
      await trx.deleteFrom('projects').where('name', '=', name).execute();
    },
  };
}

function projectsOfMember(db: Kysely<Schema>, userId: string) {
  return db.selectFrom('project_members').select('project').where('user_id', '=', userId);
}

function organizationsOfAdmin(db: Kysely<Schema>, userId: string) {
  return db
    .selectFrom('organization_members')
    .select('organization_id')
    .where('user_id', '=', userId)
    .where('is_admin', '=', 1);
}

function rowOf(project: Project): Schema['projects'] {
  return {
    name: project.name,
    organization_id: project.organizationId,
    default_cloud: project.defaultCloud,
    tech_emails: JSON.stringify(project.techEmails),
    validity_seconds: project.validitySeconds,
    renew_before_seconds: project.renewBeforeSeconds,
    created_at: project.createdAt,
    updated_at: project.updatedAt,
  };
}

function projectOf(row: Selectable<Schema['projects']>): Project {
  return {
    name: row.name,
    organizationId: row.organization_id,
    defaultCloud: row.default_cloud,
    techEmails: addressesIn(row.tech_emails),
    validitySeconds: row.validity_seconds,
    renewBeforeSeconds: row.renew_before_seconds,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** Mail addresses as they are stored. Throws where the text is no list of them. */
export function addressesIn(json: string): readonly string[] {
  const list: unknown = JSON.parse(json);
  if (Array.isArray(list) && list.every((one) => typeof one === 'string')) return list;
  throw new Error('stored addresses are no list');
}
