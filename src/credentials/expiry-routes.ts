import { Router } from 'express';
import type { Request, RequestHandler, Response } from 'express';
import type { Clock } from '../edges.js';
import { cutPage } from '../http/cut-page.js';
import { sendJson } from '../http/json-answer.js';
import { mountPath } from '../http/routing.js';
import { sendText } from '../http/text-answer.js';
import { callerOf } from '../people/caller.js';
import { organizationIn, requireOrganization } from '../people/organization-access.js';
import type { OrganizationStore } from '../people/organization-store.js';
import { calendarOf, describeExpiry } from './expiry-answers.js';
import { readExpiryQuery, writeCursor } from './expiry-requests.js';
import type { ListExpiries } from './expiry-store.js';
import { projectIn } from './project-access.js';
import type { FindRole } from './project-access.js';
import type { ProjectStore } from './project-store.js';
import { allow } from './service-access.js';

interface ExpiryEdges {
  readonly listExpiries: ListExpiries;
  readonly projects: Pick<ProjectStore, 'listOf'>;
  readonly organizations: Pick<OrganizationStore, 'findMembership'>;
  readonly findRole: FindRole;
  /** Ends with requireCallerByBasic: a calendar sends nothing else. */
  readonly guards: readonly RequestHandler[];
  readonly clock: Clock;
}

/** What expires when, of a project or of those of an organisation that the caller may read; as JSON or as a calendar. */
export function makeExpiryRoutes(edges: ExpiryEdges): Router {
  const { guards, organizations, projects } = edges;
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/v1/project/:project/expiries', {
    get: [
      ...allow(edges, 'project:read'),
      async (request, response) => {
        const project = projectIn(request);
        await sendExpiries(edges, { request, response, projects: [project], name: project });
      },
    ],
  });
  mountPath(router, '/v1/organization/:organization/expiries', {
    get: [
      ...guards,
      requireOrganization(organizations, 'member'),
      async (request, response) => {
        const id = organizationIn(request);
        const readable = (await projects.listOf(callerOf(request).userId))
          .filter(({ organizationId }) => organizationId === id)
          .map(({ name }) => name);
        await sendExpiries(edges, { request, response, projects: readable, name: id });
      },
    ],
  });
  return router;
}

async function sendExpiries(
  { listExpiries, clock }: Pick<ExpiryEdges, 'listExpiries' | 'clock'>,
  order: {
    readonly request: Request;
    readonly response: Response;
    readonly projects: readonly string[];
    /** Of what it is, for the calendar's list. */
    readonly name: string;
  },
): Promise<void> {
  const { request, response, projects, name } = order;
  const { withinSeconds, after, limit, format } = readExpiryQuery(request);
  const now = clock();
  const page = { projects, now, until: now + withinSeconds, after, limit: limit + 1 };
  const found = await listExpiries(page);
  const { rows: expiries, last } = cutPage(found, limit);
  response.setHeader('Vary', 'Accept');
  if (format === 'ics') {
    const text = calendarOf(expiries, { name: `Everleaf ${name}`, now });
    sendText(response, { status: 200, contentType: 'text/calendar; charset=utf-8', text });
    return;
  }
  sendJson(response, 200, {
    expiries: expiries.map((expiry) => describeExpiry(expiry, now)),
    next_cursor: last ? writeCursor(last) : null,
  });
}
