import type { Kysely } from 'kysely';
import {
  gatewayPurpose,
  projectOfPurpose,
  purposeOfProject,
} from '../authority/hold-authorities.js';
import type { Schema } from '../storage/schema.js';

/** A service some of whose users' renewals wait for their acknowledgement. */
export interface WaitingService {
  readonly project: string;
  readonly service: string;
  readonly users: number;
  /** When the first of their old certificates ends, in seconds UTC. */
  readonly firstEnd: number;
}

/** Of these projects, by the nearest end. */
export type ListWaitingServices = (page: {
  readonly projects: readonly string[];
  readonly limit: number;
}) => Promise<WaitingService[]>;

/** Reads along the index of the old certificates of each project. */
export function makeListWaitingServices(db: Kysely<Schema>): ListWaitingServices {
  return async ({ projects, limit }) => {
    if (projects.length === 0) return [];
    const rows = await db
      .selectFrom('service_users')
      .select(['project', 'service'])
      .select(({ fn }) => [
        fn.countAll<number>().as('users'),
        fn.min('old_not_after').as('firstEnd'),
      ])
      .where('project', 'in', projects)
      .where('old_not_after', 'is not', null)
      .groupBy(['project', 'service'])
      .orderBy('firstEnd')
      .limit(limit)
      .execute();
    return rows.map(({ firstEnd, ...row }) => ({ ...row, firstEnd: firstEnd ?? 0 }));
  };
}

/** A roll-over that is not over: what was prepared is to be activated, what retires to be retired. */
export interface OpenRollOver {
  /** null: the gateway's own. */
  readonly project: string | null;
  readonly authorityId: string;
  readonly step: 'activate' | 'retire';
  /** When it is taken by itself, in seconds UTC; null where somebody has to. */
  readonly dueAt: number | null;
}

/** Of these projects, and the gateway's own where it is asked for; the oldest first. */
export type ListOpenRollOvers = (scope: {
  readonly projects: readonly string[];
  readonly withGateway: boolean;
}) => Promise<OpenRollOver[]>;

/** Reads authorities by what they are for. */
export function makeListOpenRollOvers(db: Kysely<Schema>): ListOpenRollOvers {
  return async ({ projects, withGateway }) => {
    const purposes = [...projects.map(purposeOfProject), ...(withGateway ? [gatewayPurpose] : [])];
    if (purposes.length === 0) return [];
    const rows = await db
      .selectFrom('authorities')
      .select(['id', 'purpose', 'state', 'next_step_at'])
      .where('purpose', 'in', purposes)
      .where('state', 'in', ['prepared', 'retiring'])
      .orderBy('created_at')
      .execute();
    return rows.map(({ id, purpose, state, next_step_at }) => ({
      project: projectOfPurpose(purpose) ?? null,
      authorityId: id,
      step: state === 'prepared' ? 'activate' : 'retire',
      dueAt: next_step_at,
    }));
  };
}
