import type { Kysely } from 'kysely';
import { slicesOf } from '../storage/slices.js';
import type { Schema } from '../storage/schema.js';
import { readJsonObject } from './service.js';
import type { Service } from './service.js';

/** Users of one service, or of all services of a project. */
export interface UserGroup {
  readonly project: string;
  readonly service?: string | undefined;
}

/** A user whose renewal may be asked for, with what decides about it. */
export interface AskedUser {
  readonly id: string;
  readonly username: string;
  readonly certificate: string | null;
  /** Whether an access owns it. */
  readonly isGoverned: boolean;
  readonly isRevoked: boolean;
  readonly isPending: boolean;
  readonly renewalKey: string | null;
  readonly service: Pick<Service, 'name' | 'type' | 'userConfig' | 'isPowered'>;
}

export interface AskedRenewalStore {
  /** By service and name. */
  list(group: UserGroup, trx: Kysely<Schema>): Promise<AskedUser[]>;
  /** The ids of those whose renewal is asked for now: they have the certificate still that was read, and no owner. */
  ask(
    order: {
      readonly users: readonly AskedUser[];
      readonly again: boolean;
      readonly renewalKey: string | undefined;
      readonly now: number;
    },
    trx: Kysely<Schema>,
  ): Promise<string[]>;
}

/** The SQL of renewals that somebody asks for: the pass makes them. */
export const askedRenewals: AskedRenewalStore = {
  list: async ({ project, service }, trx) => {
    let query = trx
      .selectFrom('service_users as u')
      .innerJoin('services as s', (join) =>
        join.onRef('s.project', '=', 'u.project').onRef('s.name', '=', 'u.service'),
      )
      .leftJoin('certificates as c', 'c.sha256', 'u.certificate_sha256')
      .select(['u.id', 'u.username', 'u.certificate_sha256', 'u.pending_id', 'u.renewal_key'])
      .select('u.access_id')
      .select(['s.name', 's.type', 's.user_config', 's.is_powered', 'c.revoked_at'])
      .where('u.project', '=', project);
    if (service !== undefined) query = query.where('u.service', '=', service);
    const rows = await query.orderBy('u.service').orderBy('u.username').execute();
    return rows.map((row) => ({
      id: row.id,
      username: row.username,
      certificate: row.certificate_sha256,
      isGoverned: row.access_id !== null,
      isRevoked: row.revoked_at !== null,
      isPending: row.pending_id !== null,
      renewalKey: row.renewal_key,
      service: {
        name: row.name,
        type: row.type,
        userConfig: readJsonObject(row.user_config),
        isPowered: row.is_powered === 1,
      },
    }));
  },
  ask: async ({ users, again, renewalKey, now }, trx) => {
    const asked: string[] = [];
    for (const some of slicesOf(users)) {
      let query = trx
        .updateTable('service_users')
        .set({ renewal_asked_at: now })
        .where(
          'id',
          'in',
          some.map(({ id }) => id),
        )
        .where(
          'certificate_sha256',
          'in',
          some.map(({ certificate }) => certificate),
        )
        .where('access_id', 'is', null);
      if (!again) query = query.where('pending_id', 'is', null);
      if (renewalKey !== undefined) query = query.set({ renewal_key: renewalKey });
      const rows = await query.returning('id').execute();
      asked.push(...rows.map(({ id }) => id));
    }
    return asked;
  },
};
