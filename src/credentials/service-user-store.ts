import type { Kysely, Selectable } from 'kysely';
import type { Schema } from '../storage/schema.js';
import type { JsonObject } from './service.js';
import type { CurrentPair, PendingRenewal, ServiceUser, ServiceUserName } from './service-user.js';

export interface ServiceUserStore {
  find(name: ServiceUserName, executor?: Kysely<Schema>): Promise<ServiceUser | undefined>;
  /** By name. */
  list(service: { readonly project: string; readonly service: string }): Promise<ServiceUser[]>;
  /** False where there is one of this name. */
  insert(user: ServiceUser, trx: Kysely<Schema>): Promise<boolean>;
  /** Whether this call removed it. */
  remove(id: string, trx: Kysely<Schema>): Promise<boolean>;
  /** Puts a new pair in the place of the one that was read; false where that is not the present one any more. */
  replacePair(
    change: {
      readonly id: string;
      readonly from: string | null;
      readonly to: CurrentPair;
      readonly pending: PendingRenewal | undefined;
    },
    trx: Kysely<Schema>,
  ): Promise<boolean>;
  replacePassword(
    change: { readonly id: string; readonly sealedPassword: string; readonly now: number },
    trx: Kysely<Schema>,
  ): Promise<void>;
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
      return row && serviceUserOf(row);
    },
    list: async ({ project, service }) => {
      const rows = await db
        .selectFrom('service_users')
        .selectAll()
        .where('project', '=', project)
        .where('service', '=', service)
        .orderBy('username')
        .execute();
      return rows.map(serviceUserOf);
    },
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
    replacePair: async ({ id, from, to, pending }, trx) => {
      const result = await trx
        .updateTable('service_users')
        .set({ ...pairColumns(to), ...pendingColumns(pending) })
        .where('id', '=', id)
        .where('certificate_sha256', from === null ? 'is' : '=', from)
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },
    replacePassword: async ({ id, sealedPassword, now }, trx) => {
      await trx
        .updateTable('service_users')
        .set({ sealed_password: sealedPassword, password_updated_at: now })
        .where('id', '=', id)
        .execute();
    },
    settle,
  };
}

const settle: ServiceUserStore['settle'] = async ({ id, pendingId }, trx) => {
  const result = await trx
    .updateTable('service_users')
    .set(pendingColumns(undefined))
    .where('id', '=', id)
    .where('pending_id', '=', pendingId)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
};

function toRow(user: ServiceUser) {
  return {
    id: user.id,
    project: user.project,
    service: user.service,
    username: user.username,
    type: user.type,
    sealed_password: user.sealedPassword,
    password_updated_at: user.passwordUpdatedAt,
    access_control: JSON.stringify(user.accessControl),
    authentication: user.authentication,
    ...pairColumns(user.pair),
    ...pendingColumns(user.pending),
    recipients: JSON.stringify(user.recipients),
    created_at: user.createdAt,
  };
}

function pairColumns(pair: CurrentPair | undefined) {
  return {
    certificate_sha256: pair?.sha256 ?? null,
    certificate: pair?.certificate ?? null,
    sealed_key: pair?.sealedKey ?? null,
    not_after: pair?.notAfter ?? null,
  };
}

function pendingColumns(pending: PendingRenewal | undefined) {
  return {
    pending_id: pending?.id ?? null,
    old_certificate_sha256: pending?.oldSha256 ?? null,
    old_not_after: pending?.oldNotAfter ?? null,
    renewed_at: pending?.renewedAt ?? null,
    // Whoever replaces or ends a pending renewal settles its announcements with it.
    announce_at: pending?.renewedAt ?? null,
  };
}

/** A service user as its row has it. */
export function serviceUserOf(row: Selectable<Schema['service_users']>): ServiceUser {
  return {
    id: row.id,
    project: row.project,
    service: row.service,
    username: row.username,
    type: row.type,
    sealedPassword: row.sealed_password,
    passwordUpdatedAt: row.password_updated_at,
    accessControl: JSON.parse(row.access_control) as JsonObject, // written by toRow
    authentication: row.authentication,
    pair: pairOf(row),
    pending: pendingOf(row),
    recipients: JSON.parse(row.recipients) as string[], // written by toRow
    createdAt: row.created_at,
  };
}

function pairOf(row: Selectable<Schema['service_users']>): CurrentPair | undefined {
  const {
    certificate_sha256: sha256,
    certificate,
    sealed_key: sealedKey,
    not_after: notAfter,
  } = row;
  if (sha256 === null || certificate === null || notAfter === null) return undefined;
  return { sha256, certificate, sealedKey, notAfter };
}

function pendingOf(row: Selectable<Schema['service_users']>): PendingRenewal | undefined {
  const { pending_id: id, renewed_at: renewedAt } = row;
  const { old_certificate_sha256: oldSha256, old_not_after: oldNotAfter } = row;
  if (id === null || renewedAt === null || oldSha256 === null || oldNotAfter === null)
    return undefined;
  return { id, renewedAt, oldSha256, oldNotAfter };
}
