import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { shareRows } from '../storage/row-lock.js';
import type { Schema } from '../storage/schema.js';
import type { EffectiveRenewalSettings, RenewalSettings } from './renewal-settings.js';
import { hasCertificates, readJsonObject } from './service.js';
import type { Service } from './service.js';
import { fromRow } from './service-user-row.js';
import type { CurrentPair, ServiceUser } from './service-user.js';

/** A service user whose certificate may have to be renewed, with what decides about it. */
export interface DueUser {
  readonly user: ServiceUser & { readonly pair: CurrentPair };
  readonly service: Pick<Service, 'type' | 'userConfig' | 'isPowered'> & RenewalSettings;
  readonly project: RenewalSettings;
}

/** Where a page of due users begins: behind this one. */
export interface DueUserPlace {
  readonly notAfter: number;
  readonly id: string;
}

/** `now` in seconds. */
export interface DuePage {
  readonly now: number;
  readonly defaults: EffectiveRenewalSettings;
  readonly after: DueUserPlace | undefined;
  readonly limit: number;
}

export interface DueUserStore {
  /** Of services that are powered, with unrevoked certificates; those that end first come first. */
  findDue(page: DuePage): Promise<DueUser[]>;
  /** The same of those whose renewal somebody has asked for, whenever they end; by id. */
  findAsked(page: Pick<DuePage, 'after' | 'limit'>): Promise<DueUser[]>;
  /** Holds the service and the certificate until the transaction ends; false where neither is to be renewed any more. */
  isStillDue(user: DueUser['user'], trx: Kysely<Schema>): Promise<boolean>;
}

/** The SQL of the renewal pass: it reads along the ends of the certificates, never the whole table. */
export function makeDueUserStore(db: Kysely<Schema>): DueUserStore {
  return {
    findDue: async ({ now, defaults, after, limit }) => {
      const lead = defaults.renewBeforeSeconds;
      const longest = Math.max(lead, await longestLead(db));
      const rows = await selectDue(db)
        .where('u.not_after', '<=', now + longest)
        .where(
          sql<boolean>`u.not_after - coalesce(s.renew_before_seconds, p.renew_before_seconds, ${lead}) <= ${now}`,
        )
        .$if(after !== undefined, (query) => query.where(behind(after ?? { notAfter: 0, id: '' })))
        .orderBy('u.not_after')
        .orderBy('u.id')
        .limit(limit)
        .execute();
      return rows.map(dueUserOf);
    },
    findAsked: async ({ after, limit }) => {
      const rows = await selectDue(db)
        .where('u.renewal_asked_at', 'is not', null)
        .where('u.id', '>', after?.id ?? '')
        .orderBy('u.id')
        .limit(limit)
        .execute();
      return rows.map(dueUserOf);
    },
    isStillDue: async ({ project, service, pair }, trx) => {
      const found = await shareRows(
        trx,
        trx
          .selectFrom('services')
          .select(['type', 'user_config'])
          .where('project', '=', project)
          .where('name', '=', service)
          .where('is_powered', '=', 1),
      ).executeTakeFirst();
      if (!found) return false;
      const { type, user_config: userConfig } = found;
      if (!hasCertificates({ type, userConfig: readJsonObject(userConfig) })) return false;
      const unrevoked = trx
        .selectFrom('certificates')
        .select('sha256')
        .where('sha256', '=', pair.sha256)
        .where('revoked_at', 'is', null);
      return (await shareRows(trx, unrevoked).executeTakeFirst()) !== undefined;
    },
  };
}

/** Services and projects may be renewed earlier than the gateway's setting says. */
async function longestLead(db: Kysely<Schema>): Promise<number> {
  const ofServices = await db
    .selectFrom('services')
    .select(({ fn }) => fn.max<number | null>('renew_before_seconds').as('seconds'))
    .executeTakeFirst();
  const ofProjects = await db
    .selectFrom('projects')
    .select(({ fn }) => fn.max<number | null>('renew_before_seconds').as('seconds'))
    .executeTakeFirst();
  return Math.max(ofServices?.seconds ?? 0, ofProjects?.seconds ?? 0);
}

function behind({ notAfter, id }: DueUserPlace) {
  return sql<boolean>`(u.not_after, u.id) > (${notAfter}, ${id})`;
}

function selectDue(db: Kysely<Schema>) {
  return db
    .selectFrom('service_users as u')
    .innerJoin('services as s', (join) =>
      join.onRef('s.project', '=', 'u.project').onRef('s.name', '=', 'u.service'),
    )
    .innerJoin('projects as p', 'p.name', 'u.project')
    .innerJoin('certificates as c', 'c.sha256', 'u.certificate_sha256')
    .selectAll('u')
    .select([
      's.type as service_type',
      's.user_config',
      's.validity_seconds as service_validity',
      's.renew_before_seconds as service_lead',
      'p.validity_seconds as project_validity',
      'p.renew_before_seconds as project_lead',
    ])
    .where('s.is_powered', '=', 1)
    .where('c.revoked_at', 'is', null);
}

type Row = Awaited<ReturnType<ReturnType<typeof selectDue>['execute']>>[number];

function dueUserOf(row: Row): DueUser {
  const user = fromRow(row);
  const { pair } = user;
  if (!pair) throw new Error(`service user ${user.id} has an end and no certificate`);
  return {
    user: { ...user, pair },
    service: {
      type: row.service_type,
      userConfig: readJsonObject(row.user_config),
      isPowered: true,
      validitySeconds: row.service_validity,
      renewBeforeSeconds: row.service_lead,
    },
    project: { validitySeconds: row.project_validity, renewBeforeSeconds: row.project_lead },
  };
}
