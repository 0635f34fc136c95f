import { sql } from 'kysely';
import type { Kysely, SqlBool } from 'kysely';
import type { Schema } from '../storage/schema.js';
import { eventDetailOf } from './event-store.js';
import type { ProjectEvent } from './event-store.js';

/** An event, of a project or of the gateway itself. */
export interface LatestEvent extends ProjectEvent {
  readonly level: 'info' | 'warning';
  readonly project: string | null;
  readonly holder: string | null;
}

/** Newest first; of some projects since they were made, or of everything where it is undefined. */
export type ListLatestEvents = (page: {
  readonly projects: readonly string[] | undefined;
  readonly limit: number;
}) => Promise<LatestEvent[]>;

/** Reads the end of the audit log, or of each project's part of it. */
export function makeListLatestEvents(db: Kysely<Schema>): ListLatestEvents {
  return async ({ projects, limit }) => {
    if (projects?.length === 0) return [];
    const rows = await db
      .selectFrom('audit_events as e')
      .select(['e.id', 'e.at', 'e.level', 'e.action', 'e.actor'])
      .select(['e.holder', 'e.project', 'e.service', 'e.detail'])
      .$if(projects !== undefined, (query) =>
        query
          .innerJoin('projects as p', (join) => join.on(newestOf(limit)))
          .where('p.name', 'in', projects ?? []),
      )
      .orderBy('e.id', 'desc')
      .limit(limit)
      .execute();
    return rows.map(({ detail, ...row }) => ({ ...row, detail: eventDetailOf(detail) }));
  };
}

/** No more of each project than could be among the newest of all. */
function newestOf(limit: number) {
  return sql<SqlBool>`e.id in (select id from audit_events where project = p.name
    and at >= p.created_at order by id desc limit ${limit})`;
}
