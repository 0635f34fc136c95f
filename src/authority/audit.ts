import type { Insertable, Kysely } from 'kysely';
import type { Clock } from '../edges.js';
import type { Schema } from '../storage/schema.js';

/** What the audit log keeps of an event; nothing in it is secret. */
export interface AuditEvent {
  readonly level?: 'info' | 'warning';
  /** `certificate.issued`, `token.created`, ...: object, then what befell it. */
  readonly action: string;
  /** `application:NAME`, `operator:ID`, `cli:USER`, `address:IP` or `gateway`. */
  readonly actor: string;
  readonly holder?: string | undefined;
  /** SHA-256 of the certificate concerned. */
  readonly certificate?: string | undefined;
  readonly requestId?: string | undefined;
  /** Whose members may read of it. */
  readonly project?: string | undefined;
  readonly service?: string | undefined;
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
}

/** Puts an event on record; inside a transaction when one is given, so that it stands or falls with the change. */
export type RecordEvent = (event: AuditEvent, trx?: Kysely<Schema>) => Promise<void>;

/** The only writer of audit events besides the hot path, which inserts the same row by `auditRow`. */
export function makeRecordEvent(db: Kysely<Schema>, clock: Clock): RecordEvent {
  return async (event, trx = db) => {
    await trx.insertInto('audit_events').values(auditRow(event, clock())).execute();
  };
}

/** A row of `audit_events` that is to be written: every column but the number. */
export type AuditRow = Required<Omit<Insertable<Schema['audit_events']>, 'id'>>;

/** An event as a row of `audit_events`. */
export function auditRow(event: AuditEvent, at: number): AuditRow {
  return {
    at,
    level: event.level ?? 'info',
    action: event.action,
    actor: event.actor,
    holder: event.holder ?? null,
    certificate: event.certificate ?? null,
    request_id: event.requestId ?? null,
    detail: JSON.stringify(event.detail ?? {}),
    project: event.project ?? null,
    service: event.service ?? null,
  };
}
