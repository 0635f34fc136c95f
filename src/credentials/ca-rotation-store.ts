import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { projectOfPurpose, purposeOfProject } from '../authority/hold-authorities.js';
import type { AuthorityState, Schema } from '../storage/schema.js';
import type { ServiceName } from './service-store.js';

/** How far a service has come in the roll-over of its project's CA. */
export interface ServiceProgress {
  readonly service: string;
  readonly trustUpdate: number;
}

/** A certificate that is unexpired and unrevoked, of a service user. Times in seconds UTC. */
export interface LiveCertificate {
  readonly service: string;
  readonly username: string;
  readonly sha256: string;
  readonly notAfter: number;
  /** Whether it is the one that the user would download; else the user has a newer one. */
  readonly isCurrent: boolean;
}

/** A step that is due by its date. */
export interface DueCaStep {
  readonly id: string;
  readonly state: AuthorityState;
  readonly nextStepAt: number;
  readonly project: string;
}

export interface CaRotationStore {
  /** By name. */
  listServices(project: string, executor?: Kysely<Schema>): Promise<ServiceProgress[]>;
  /** Of the users of a project, those that one of its authorities signed, by service and name. */
  listLive(
    order: { readonly project: string; readonly authorityId: string; readonly now: number },
    executor?: Kysely<Schema>,
  ): Promise<LiveCertificate[]>;
  /** Whether a roll-over is under way. */
  isUnderWay(project: string, executor: Kysely<Schema>): Promise<boolean>;
  /** False where the service is not at `from` any more. */
  report(
    change: ServiceName & { readonly from: number; readonly to: number },
    trx: Kysely<Schema>,
  ): Promise<boolean>;
  /** A roll-over has ended: the next one begins anew. */
  forgetUpdates(project: string, trx: Kysely<Schema>): Promise<void>;
  /** Of all projects. `now` in seconds. */
  listDue(now: number): Promise<DueCaStep[]>;
}

/** The SQL of roll-overs beside the authorities themselves. */
export function makeCaRotationStore(db: Kysely<Schema>): CaRotationStore {
  return {
    listServices: async (project, executor = db) => {
      const rows = await executor
        .selectFrom('services')
        .select(['name', 'trust_update'])
        .where('project', '=', project)
        .orderBy('name')
        .execute();
      return rows.map(({ name, trust_update }) => ({ service: name, trustUpdate: trust_update }));
    },
    listLive: (order, executor = db) => listLive(order, executor),
    isUnderWay: async (project, executor) => {
      const query = executor
        .selectFrom('authorities')
        .select('id')
        .where('purpose', '=', purposeOfProject(project))
        .where('state', 'in', ['prepared', 'retiring']);
      return (await query.executeTakeFirst()) !== undefined;
    },
    report: async ({ project, name, from, to }, trx) => {
      const result = await trx
        .updateTable('services')
        .set({ trust_update: to })
        .where('project', '=', project)
        .where('name', '=', name)
        .where('trust_update', '=', from)
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },
    forgetUpdates: async (project, trx) => {
      await trx
        .updateTable('services')
        .set({ trust_update: 0 })
        .where('project', '=', project)
        .where('trust_update', '!=', 0)
        .execute();
    },
    listDue: (now) => listDue(db, now),
  };
}

/** A user that is deleted takes its certificates along, so that all which live belong to a user on record. */
async function listLive(
  { project, authorityId, now }: Parameters<CaRotationStore['listLive']>[0],
  db: Kysely<Schema>,
): Promise<LiveCertificate[]> {
  const rows = await db
    .selectFrom('service_users as u')
    .innerJoin('certificates as c', (join) =>
      join.on('c.holder', '=', sql<string>`u.project || '/' || u.service || '/' || u.username`),
    )
    .select(['u.service', 'u.username', 'u.certificate_sha256', 'c.sha256', 'c.not_after'])
    .where('u.project', '=', project)
    .where('c.kind', '=', 'service-user')
    .where('c.authority_id', '=', authorityId)
    .where('c.not_after', '>=', now)
    .where('c.revoked_at', 'is', null)
    .orderBy('u.service')
    .orderBy('u.username')
    .orderBy('c.not_after')
    .execute();
  return rows.map(({ service, username, certificate_sha256: current, sha256, not_after }) => ({
    service,
    username,
    sha256,
    notAfter: not_after,
    isCurrent: sha256 === current,
  }));
}

async function listDue(db: Kysely<Schema>, now: number): Promise<DueCaStep[]> {
  const rows = await db
    .selectFrom('authorities')
    .select(['id', 'state', 'purpose', 'next_step_at'])
    .where('next_step_at', '<=', now)
    .orderBy('next_step_at')
    .execute();
  return rows.flatMap(({ id, state, purpose, next_step_at: nextStepAt }) => {
    const project = projectOfPurpose(purpose);
    return nextStepAt === null || project === undefined ? [] : [{ id, state, nextStepAt, project }];
  });
}
