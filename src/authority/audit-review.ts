import { sql } from 'kysely';
import type { Kysely, Selectable, SqlBool } from 'kysely';
import type { Schema } from '../storage/schema.js';

/** An audit event as operators see it. `at` in seconds UTC. */
export interface RecordedEvent {
  /** Goes up with every event. */
  readonly id: number;
  readonly at: number;
  readonly level: 'info' | 'warning';
  readonly action: string;
  readonly actor: string;
  readonly holder: string | null;
  readonly certificate: string | null;
  readonly requestId: string | null;
  readonly project: string | null;
  readonly service: string | null;
  /** A JSON object. */
  readonly detail: string;
}

/** Which events; what is left out does not matter. Times in seconds UTC, `until` is left out itself. */
export interface AuditFilter {
  readonly action?: string | undefined;
  readonly actor?: string | undefined;
  readonly holder?: string | undefined;
  readonly project?: string | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

/** A page of the audit log, the newest first. `before`: the number of the last event of the page before. */
export type ListEvents = (
  filter: AuditFilter,
  page: { readonly before?: number | undefined; readonly limit: number },
) => Promise<RecordedEvent[]>;

/** By how much clocks of several gateways may differ, so that events stand in another order than their times. */
const skewSeconds = 600;

/**
 * From what few events share to what many do. SQLite, which has no figures of them, would take any index: an expression
 * keeps it from those of the others.
 */
const columns = ['holder', 'project', 'actor', 'action'] as const;

/** The SQL of looking at the audit log: every page is found by an index, however long the log is. */
export function makeListEvents(db: Kysely<Schema>): ListEvents {
  return async (filter, { before, limit }) => {
    const { since, until } = filter;
    const first = since === undefined ? undefined : await lastBefore(db, since - skewSeconds);
    const end = until === undefined ? undefined : await firstFrom(db, until + skewSeconds);
    let query = db.selectFrom('audit_events').selectAll().orderBy('id', 'desc').limit(limit);
    const [narrowest, ...others] = columns.filter((column) => filter[column] !== undefined);
    if (narrowest !== undefined) query = query.where(narrowest, '=', filter[narrowest] ?? '');
    for (const other of others)
      query = query.where(sql<SqlBool>`${sql.ref(other)} || '' = ${filter[other]}`);
    if (since !== undefined) query = query.where('at', '>=', since);
    if (until !== undefined) query = query.where('at', '<', until);
    if (first !== undefined) query = query.where('id', '>', first);
    const ends = [before, end].filter((id) => id !== undefined);
    if (ends.length > 0) query = query.where('id', '<', Math.min(...ends));
    return (await query.execute()).map(eventOf);
  };
}

async function lastBefore(db: Kysely<Schema>, at: number): Promise<number | undefined> {
  const query = db.selectFrom('audit_events').select('id').where('at', '<', at);
  return (await query.orderBy('at', 'desc').limit(1).executeTakeFirst())?.id;
}

async function firstFrom(db: Kysely<Schema>, at: number): Promise<number | undefined> {
  const query = db.selectFrom('audit_events').select('id').where('at', '>=', at);
  return (await query.orderBy('at').limit(1).executeTakeFirst())?.id;
}

function eventOf(row: Selectable<Schema['audit_events']>): RecordedEvent {
  const { request_id: requestId, ...event } = row;
  return { ...event, requestId };
}
