import { Router } from 'express';
import type { Request, RequestHandler } from 'express';
import type { AuditFilter, ListEvents } from '../authority/audit-review.js';
import { Failure } from '../failure.js';
import { cutPage } from '../http/cut-page.js';
import { mountPath } from '../http/routing.js';
import { sendAuditExport } from './audit-export.js';
import type { auditFormats } from './audit-export.js';
import { certificatePath, factsOf, leadOf } from './event-facts.js';
import { orShowAgain } from './form-answers.js';
import type { Refused } from './form-answers.js';
import { sendConsolePage } from './page.js';
import { queryWord, withQuery } from './query.js';
import { requireGatewayRight } from './viewer.js';

interface AuditPageEdges {
  readonly listEvents: ListEvents;
  /** Ends with requireViewer. */
  readonly guards: readonly RequestHandler[];
}

const rowsOfPage = 50;
const fields = ['action', 'actor', 'holder', 'project', 'since', 'until'] as const;
type Typed = Partial<Record<(typeof fields)[number], string>>;

/** What befell this gateway, by whom; all of it to take along. */
export function makeAuditPages({ listEvents, guards }: AuditPageEdges): Router {
  const router = Router({ strict: true, caseSensitive: true });
  const asReader = [...guards, requireGatewayRight('read')];
  mountPath(router, '/audit', {
    get: [
      ...asReader,
      async (request, response) => {
        const typed = typedIn(request);
        const show = async (filter: AuditFilter | undefined, refused?: Refused): Promise<void> => {
          const before = beforeIn(request);
          const found = filter ? await listEvents(filter, { before, limit: rowsOfPage + 1 }) : [];
          const { rows: events, last } = cutPage(found, rowsOfPage);
          const data = {
            events: events.map((event) => ({
              ...event,
              facts: factsOf(event.detail),
              certificatePath: certificatePath(event),
            })),
            typed,
            lead: typed.actor === undefined ? undefined : leadOf(typed.actor),
            isFiltered: Object.keys(typed).length > 0,
            isFirstPage: before === undefined,
            older: last && pathOf({ ...typed, before: String(last.id) }),
            pathOf,
            exportPath,
          };
          sendConsolePage(request, response, {
            view: 'audit',
            title: 'Audit log',
            ...refused,
            data,
          });
        };
        await orShowAgain(
          response,
          () => show(filterOf(typed)),
          (refused) => show(undefined, refused),
        );
      },
    ],
  });
  for (const format of ['csv', 'jsonl'] as const satisfies (keyof typeof auditFormats)[]) {
    mountPath(router, `/audit/export.${format}`, {
      get: [
        ...asReader,
        async (request, response) => {
          await sendAuditExport(response, listEvents, {
            filter: filterOf(typedIn(request)),
            format,
          });
        },
      ],
    });
  }
  return router;
}

function typedIn(request: Request): Typed {
  return Object.fromEntries(
    fields.flatMap((name) => {
      const word = queryWord(request, name);
      return word === undefined ? [] : [[name, word]];
    }),
  );
}

function filterOf({ since, until, ...names }: Typed): AuditFilter {
  if (Object.values(names).some((name) => name.length > 300))
    throw new Failure('field-invalid', 'No event has a name like that.');
  const end = secondsOf(until, 'Until');
  return {
    ...names,
    since: secondsOf(since, 'From'),
    // A day is meant as a whole.
    until: end !== undefined && until?.length === 10 ? end + 86_400 : end,
  };
}

/** A day or a time to the second or minute, in UTC. */
function secondsOf(text: string | undefined, label: string): number | undefined {
  if (text === undefined) return undefined;
  const isTime = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?Z?)?$/.test(text);
  const whole = text.length === 10 ? `${text}T00:00Z` : text.replace(/Z?$/, 'Z');
  const milliseconds = isTime ? Date.parse(whole) : Number.NaN;
  if (!Number.isNaN(milliseconds)) return milliseconds / 1000;
  throw new Failure('field-invalid', `${label} has to be a day, such as 2026-11-20, in UTC.`);
}

function beforeIn(request: Request): number | undefined {
  const text = queryWord(request, 'before');
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}

function pathOf(words: Readonly<Record<string, string | undefined>>): string {
  return withQuery('/audit', words);
}

function exportPath(format: string, words: Typed): string {
  return withQuery(`/audit/export.${format}`, words);
}
