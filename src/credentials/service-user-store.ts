import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.js';
import type { JsonObject } from './service.js';
import type { CurrentPair, PendingRenewal, ServiceUser, ServiceUserName } from './service-user.js';
import { fromRow, nextKeyColumns, pairColumns, pendingColumns, toRow } from './service-user-row.js';

export interface ServiceUserStore {
  find(name: ServiceUserName, executor?: Kysely<Schema>): Promise<ServiceUser | undefined>;
  /** By name. */
  list(
    service: { readonly project: string; readonly service: string },
    executor?: Kysely<Schema>,
  ): Promise<ServiceUser[]>;
  /** Of all services of a project, by name. */
  listOfProject(project: string): Promise<ServiceUser[]>;
  /** False where there is one of this name. */
  insert(user: ServiceUser, trx: Kysely<Schema>): Promise<boolean>;
  /** Whether this call removed it. */
  remove(id: string, trx: Kysely<Schema>): Promise<boolean>;
  /** The names of all whom this call removed. */
  removeAll(
    service: { readonly project: string; readonly service: string },
    trx: Kysely<Schema>,
  ): Promise<string[]>;
  /**
   * Puts a new pair in the place of the one that was read; false where that is not the present one any more. Whoever
   * asked for a renewal has it then, and no certification request waits any more.
   */
  replacePair(
    change: {
      readonly id: string;
      readonly from: string | null;
      readonly to: CurrentPair;
      readonly pending: PendingRenewal | undefined;
      /** The renewal that was read as waiting and must wait still, where there is one to go on from. */
      readonly awaited?: string | undefined;
      /** The holder's own key that was read, null for none: it must be that one still. */
      readonly nextKey?: string | null;
      /** The access that was read as its owner, null for none: it must be that one still. */
      readonly accessId: string | null;
      /** Whether no route shows the new pair. */
      readonly isWithheld?: boolean;
      readonly renewalKey?: string | undefined;
    },
    trx: Kysely<Schema>,
  ): Promise<boolean>;
  /**
   * False where there is no such user any more, or a reset with this key was made already. Credentials are shown again
   * unless an access owns the user.
   */
  replacePassword(
    change: {
      readonly id: string;
      /** Null where it is kept here no longer. */
      readonly sealedPassword: string | null;
      /** The access that was read as its owner, null for none: it must be that one still. */
      readonly accessId: string | null;
      readonly authentication?: string | undefined;
      readonly resetKey?: string | undefined;
      readonly now: number;
    },
    trx: Kysely<Schema>,
  ): Promise<boolean>;
  /** False where there is no such user any more. */
  replaceAccessControl(
    id: string,
    accessControl: JsonObject,
    trx: Kysely<Schema>,
  ): Promise<boolean>;
  /** Ends the pending state of that renewal; false where it is not the pending one any more. */
  settle(
    change: { readonly id: string; readonly pendingId: string },
    trx: Kysely<Schema>,
  ): Promise<boolean>;
}

/** The SQL of service users. */
export function makeServiceUserStore(db: Kysely<Schema>): ServiceUserStore {
  return {
    find: async ({ project, service, username }, executor = db) => {
      const row = await executor
        .selectFrom('service_users')
        .selectAll()
        .where('project', '=', project)
        .where('service', '=', service)
        .where('username', '=', username)
        .executeTakeFirst();
      return row && fromRow(row);
    },
    list: async ({ project, service }, executor = db) => {
      const rows = await executor
        .selectFrom('service_users')
        .selectAll()
        .where('project', '=', project)
        .where('service', '=', service)
        .orderBy('username')
        .execute();
      return rows.map(fromRow);
    },
    listOfProject: async (project) => {
      const query = db.selectFrom('service_users').selectAll().where('project', '=', project);
      return (await query.orderBy('service').orderBy('username').execute()).map(fromRow);
    },
    ...changes,
  };
}

const replacePassword: ServiceUserStore['replacePassword'] = async (change, trx) => {
  const { id, sealedPassword, authentication, resetKey, accessId, now } = change;
  let query = trx
    .updateTable('service_users')
    .set({ sealed_password: sealedPassword, password_updated_at: now })
    .set({ is_withheld: accessId === null ? 0 : 1 })
    .where('id', '=', id)
    .where('access_id', accessId === null ? 'is' : '=', accessId);
  if (authentication !== undefined) query = query.set({ authentication });
  if (resetKey !== undefined) {
    query = query
      .set({ reset_key: resetKey })
      .where((where) =>
        where.or([where('reset_key', 'is', null), where('reset_key', '!=', resetKey)]),
      );
  }
  return (await query.executeTakeFirst()).numUpdatedRows === 1n;
};

const changes: Omit<ServiceUserStore, 'find' | 'list' | 'listOfProject'> = {
  insert: async (user, trx) => {
    const result = await trx
      .insertInto('service_users')
      .values(toRow(user))
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return result.numInsertedOrUpdatedRows === 1n;
  },
  remove: async (id, trx) => {
    const result = await trx.deleteFrom('service_users').where('id', '=', id).executeTakeFirst();
    return result.numDeletedRows === 1n;
  },
  removeAll: async ({ project, service }, trx) => {
    const rows = await trx
      .deleteFrom('service_users')
      .where('project', '=', project)
      .where('service', '=', service)
      .returning('username')
      .execute();
    return rows.map(({ username }) => username);
  },
  replacePair: async (change, trx) => {
    const { id, from, to, pending, awaited, nextKey, accessId, isWithheld, renewalKey } = change;
    let query = trx
      .updateTable('service_users')
      .set({ ...pairColumns(to), ...pendingColumns(pending) })
      .set({ ...nextKeyColumns(undefined), renewal_asked_at: null })
      .set({ is_withheld: isWithheld === true ? 1 : 0 })
      .where('id', '=', id)
      .where('access_id', accessId === null ? 'is' : '=', accessId)
      .where('certificate_sha256', from === null ? 'is' : '=', from);
    if (awaited !== undefined) query = query.where('pending_id', '=', awaited);
    if (renewalKey !== undefined) query = query.set({ renewal_key: renewalKey });
    if (nextKey !== undefined)
      query = query.where('next_key', nextKey === null ? 'is' : '=', nextKey);
    return (await query.executeTakeFirst()).numUpdatedRows === 1n;
  },
  replacePassword,
  replaceAccessControl: async (id, accessControl, trx) => {
    const result = await trx
      .updateTable('service_users')
      .set({ access_control: JSON.stringify(accessControl) })
      .where('id', '=', id)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  },
  settle: async ({ id, pendingId }, trx) => {
    const result = await trx
      .updateTable('service_users')
      .set(pendingColumns(undefined))
      .where('id', '=', id)
      .where('pending_id', '=', pendingId)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  },
};
