import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.js';

/** What befell a project or its services. `at` in seconds UTC. */
export interface ProjectEvent {
  readonly id: number;
  readonly at: number;
  readonly action: string;
  readonly actor: string;
  readonly service: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** The latest events of a project, newest first. */
export type ListProjectEvents = (project: string, limit: number) => Promise<ProjectEvent[]>;

/** Reads the audit log from the creation of the project on: a name may have belonged to another one before. */
export function makeListProjectEvents(db: Kysely<Schema>): ListProjectEvents {
  return async (project, limit) => {
    const created = await db
      .selectFrom('audit_events')
      .select(({ fn }) => fn.max<number | null>('id').as('id'))
      .where('project', '=', project)
      .where('action', '=', 'project.created')
      .executeTakeFirst();
    const rows = await db
      .selectFrom('audit_events')
      .select(['id', 'at', 'action', 'actor', 'service', 'detail'])
      .where('project', '=', project)
      .where('id', '>=', created?.id ?? 0)
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return rows.map((row) => ({ ...row, detail: eventDetailOf(row.detail) }));
  };
}

/** The detail of an event as it is stored. Throws where it is no object. */
export function eventDetailOf(json: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(json);
  if (typeof value !== 'object' || value === null)
    throw new Error('the detail of an audit event is no object');
  return { ...value };
}
