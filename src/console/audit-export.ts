import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { AuditFilter, ListEvents, RecordedEvent } from '../authority/audit-review.js';
import { isoTime } from '../iso-time.js';

/** How the audit log leaves. */
export const auditFormats = {
  csv: { contentType: 'text/csv; charset=utf-8', head: csvHead(), line: csvLine },
  jsonl: { contentType: 'application/jsonl; charset=utf-8', head: '', line: jsonLine },
} as const;

const rowsAtOnce = 500;

/** Sends every event that the filter lets through, page by page: no more than one is held at a time. */
export async function sendAuditExport(
  response: Response,
  listEvents: ListEvents,
  order: { readonly filter: AuditFilter; readonly format: keyof typeof auditFormats },
): Promise<void> {
  response.setHeader('Content-Type', auditFormats[order.format].contentType);
  response.setHeader('Content-Disposition', `attachment; filename="audit.${order.format}"`);
  response.setHeader('Cache-Control', 'no-store');
  await pipeline(Readable.from(pagesOf(listEvents, order)), response).catch((error: unknown) => {
    if (!isReaderGone(error)) throw error;
  });
}

async function* pagesOf(
  listEvents: ListEvents,
  order: Parameters<typeof sendAuditExport>[2],
): AsyncGenerator<string> {
  const { head, line } = auditFormats[order.format];
  if (head !== '') yield head;
  let before: number | undefined;
  for (;;) {
    const events = await listEvents(order.filter, { before, limit: rowsAtOnce });
    if (events.length > 0) yield events.map(line).join('');
    if (events.length < rowsAtOnce) return;
    before = events.at(-1)?.id;
  }
}

function isReaderGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}

function cellsOf(event: RecordedEvent) {
  const { id, at, level, action, actor, holder, certificate, requestId } = event;
  const time = isoTime(at);
  const { project, service, detail } = event;
  return {
    id,
    time,
    level,
    action,
    actor,
    holder,
    certificate,
    requestId,
    project,
    service,
    detail,
  };
}

function jsonLine(event: RecordedEvent): string {
  const detail: unknown = JSON.parse(event.detail);
  return `${JSON.stringify({ ...cellsOf(event), detail })}\n`;
}

function csvHead(): string {
  return 'id,time,level,action,actor,holder,certificate,requestId,project,service,detail\r\n';
}

function csvLine(event: RecordedEvent): string {
  return `${Object.values(cellsOf(event)).map(csvCell).join(',')}\r\n`;
}

/**
 * RFC 4180; an apostrophe keeps a spreadsheet from taking a text of somebody else for a formula, also where it splits
 * a line at semicolons, as some do by the language of their user.
 */
function csvCell(value: string | number | null): string {
  const text = String(value ?? '');
  const safe = text.replace(/(?<=^|;)["\s]*[=+\-@]|^[\t\r]/g, "'$&");
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
