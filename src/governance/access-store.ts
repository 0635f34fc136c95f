import type { Kysely, Selectable } from 'kysely';
import type { Schema } from '../storage/schema.js';
import type { Access, AclEntry } from './access.js';

export interface AccessStore {
  find(
    name: { readonly organizationId: string; readonly id: string },
    executor?: Kysely<Schema>,
  ): Promise<Access | undefined>;
  /** False where its service user has an owner already. */
  insert(access: Access, trx: Kysely<Schema>): Promise<boolean>;
  /** With its requests. */
  remove(id: string, trx: Kysely<Schema>): Promise<void>;
}

/** The SQL of accesses. */
export function makeAccessStore(db: Kysely<Schema>): AccessStore {
  return {
    find: async ({ organizationId, id }, executor = db) => {
      const row = await executor
        .selectFrom('accesses')
        .selectAll()
        .where('id', '=', id)
        .where('organization_id', '=', organizationId)
        .executeTakeFirst();
      return row && accessOf(row);
    },
    insert: async (access, trx) => {
      const result = await trx
        .insertInto('accesses')
        .values({
          id: access.id,
          organization_id: access.organizationId,
          name: access.name,
          type: 'KAFKA',
          owner_group_id: access.ownerGroupId,
          service_user_id: access.user.id,
          project: access.user.project,
          service: access.user.service,
          username: access.user.username,
          acls: JSON.stringify(access.acls),
          created_by: access.createdBy,
          created_at: access.createdAt,
        })
        .onConflict((conflict) => conflict.column('service_user_id').doNothing())
        .executeTakeFirstOrThrow();
      return result.numInsertedOrUpdatedRows === 1n;
    },
    remove: async (id, trx) => {
      await trx.deleteFrom('rotation_requests').where('access_id', '=', id).execute();
      await trx.deleteFrom('accesses').where('id', '=', id).execute();
    },
  };
}

/** The access of a row. */
export function accessOf(row: Selectable<Schema['accesses']>): Access {
  const { project, service, username } = row;
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    ownerGroupId: row.owner_group_id,
    user: { id: row.service_user_id, project, service, username },
    acls: JSON.parse(row.acls) as AclEntry[], // written by insert
    createdBy: row.created_by,
    createdAt: row.created_at,
  };
}
