import type { Kysely, Selectable } from 'kysely';
import type { Schema } from '../storage/schema.js';
import type { ServiceUserName } from '../credentials/service-user.js';
import type { Access, AclEntry } from './access.js';
import { isActive } from './rotation-policy.js';

export interface AccessStore {
  find(
    name: { readonly organizationId: string; readonly id: string },
    executor?: Kysely<Schema>,
  ): Promise<Access | undefined>;
  /** False where its service user has an owner already. */
  insert(access: Access, trx: Kysely<Schema>): Promise<boolean>;
  /** With its requests. Gives those that were not over. */
  remove(id: string, trx: Kysely<Schema>): Promise<readonly CutShort[]>;
}

/** A request that ended with its access. */
export interface CutShort {
  readonly id: string;
  /** What it had made and nobody has seen, and what it was to revoke later: SHA-256 of certificates. */
  readonly certificates: readonly string[];
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
      if (result.numInsertedOrUpdatedRows !== 1n) return false;
      const topics = new Set(access.acls.map(({ resourceName }) => resourceName));
      await trx
        .insertInto('access_topics')
        .values(Array.from(topics, (topic) => ({ topic, access_id: access.id })))
        .execute();
      return true;
    },
    remove: async (id, trx) => {
      // One statement: what is provided at this moment is either among these rows or comes too late.
      const rows = await trx
        .deleteFrom('rotation_requests')
        .where('access_id', '=', id)
        .returning(['id', 'state', 'credentials_state', 'certificate_sha256', 'old_certificates'])
        .execute();
      await trx.deleteFrom('access_topics').where('access_id', '=', id).execute();
      await trx.deleteFrom('accesses').where('id', '=', id).execute();
      return rows.flatMap(cutShortOf);
    },
  };
}

/**
 * The service of an access, as long as its project is one of the organisation's: a name may be another organisation's by
 * now, which must neither read of the access nor be read by it.
 */
export async function placeOf(
  { organizationId, user: { project, service } }: Access,
  executor: Kysely<Schema>,
): Promise<{ readonly project: string; readonly service: string } | undefined> {
  const row = await executor
    .selectFrom('projects')
    .select('name')
    .where('name', '=', project)
    .where('organization_id', '=', organizationId)
    .executeTakeFirst();
  return row && { project, service };
}

/** The access that names a user of a project of its own organisation, be the user there or deleted. */
export async function findAccessOf(
  { project, service, username }: ServiceUserName,
  executor: Kysely<Schema>,
): Promise<string | undefined> {
  const row = await executor
    .selectFrom('accesses as a')
    // A project of this name may be another organisation's by now.
    .innerJoin('projects as p', (join) =>
      join.onRef('p.name', '=', 'a.project').onRef('p.organization_id', '=', 'a.organization_id'),
    )
    .select('a.id')
    .where('a.project', '=', project)
    .where('a.service', '=', service)
    .where('a.username', '=', username)
    .limit(1)
    .executeTakeFirst();
  return row?.id;
}

function cutShortOf(
  row: Pick<
    Selectable<Schema['rotation_requests']>,
    'id' | 'state' | 'credentials_state' | 'certificate_sha256' | 'old_certificates'
  >,
): CutShort[] {
  const isWaiting = row.credentials_state === 'waiting';
  const waiting = isWaiting && row.certificate_sha256 !== null ? [row.certificate_sha256] : [];
  const later = JSON.parse(row.old_certificates ?? '[]') as string[]; // written by a reveal
  const isOver = !isActive(row.state) && !isWaiting && later.length === 0;
  return isOver ? [] : [{ id: row.id, certificates: [...waiting, ...later] }];
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
