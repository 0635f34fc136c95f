import { Router } from 'express';
import type { Request, RequestHandler } from 'express';
import { Failure } from '../failure.js';
import { sendJson } from '../http/json-answer.js';
import { bodyOf, readBody } from '../http/read-body.js';
import { readLimit } from '../http/page-query.js';
import { contextOf } from '../http/request-context.js';
import { mountPath } from '../http/routing.js';
import { callerOf } from '../people/caller.js';
import type { OrganizationStore } from '../people/organization-store.js';
import type { ProjectRight } from '../people/project-rights.js';
import type { AcceptInvitations } from './accept-invitations.js';
import type { ChangeProjects } from './change-projects.js';
import { chooseOrganization } from './choose-organization.js';
import type { ListProjectEvents } from './event-store.js';
import { projectIn, requireProjectRight } from './project-access.js';
import type { FindRole } from './project-access.js';
import { describeProject, describeProjectEvent } from './project-answers.js';
import { readChangedProject, readNewProject } from './project-requests.js';
import type { Project, ProjectStore } from './project-store.js';

interface ProjectEdges {
  readonly projects: Pick<ProjectStore, 'find' | 'listOf'>;
  readonly organizations: Pick<OrganizationStore, 'listOf'>;
  readonly changeProjects: ChangeProjects;
  readonly acceptInvitations: AcceptInvitations;
  readonly listEvents: ListProjectEvents;
  readonly findRole: FindRole;
  /** Ends with requireCaller. */
  readonly guards: readonly RequestHandler[];
}

/** Projects and what befell them. */
export function makeProjectRoutes(edges: ProjectEdges): Router {
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/v1/project', { get: listProjects(edges), post: createProject(edges) });
  mountPath(router, '/v1/project/:project', projectHandlers(edges));
  mountPath(router, '/v1/project/:project/events', {
    get: [
      ...withRight(edges, 'project:read'),
      async (request, response) => {
        const events = await edges.listEvents(projectIn(request), readLimit(request, 100));
        sendJson(response, 200, { events: events.map(describeProjectEvent) });
      },
    ],
  });
  return router;
}

function listProjects({ guards, acceptInvitations, projects }: ProjectEdges): RequestHandler[] {
  return [
    ...guards,
    async (request, response) => {
      const caller = callerOf(request);
      await acceptInvitations(caller);
      const own = await projects.listOf(caller.userId);
      sendJson(response, 200, { projects: own.map(describeProject) });
    },
  ];
}

function createProject({ guards, organizations, changeProjects }: ProjectEdges): RequestHandler[] {
  return [
    ...guards,
    readBody,
    async (request, response) => {
      const { userId } = callerOf(request);
      const { name, organizationId: named, facts } = readNewProject(bodyOf(request));
      const organizationId = await chooseOrganization(organizations, userId, named);
      const order = { name, organizationId, adminId: userId, facts, ...originOf(request) };
      sendJson(response, 200, { project: describeProject(await changeProjects.create(order)) });
    },
  ];
}

function projectHandlers(edges: ProjectEdges): Parameters<typeof mountPath>[2] {
  const { projects, changeProjects } = edges;
  return {
    get: [
      ...withRight(edges, 'project:read'),
      async (request, response) => {
        const project = await requireProject(projects, request);
        sendJson(response, 200, { project: describeProject(project) });
      },
    ],
    put: [
      ...withRight(edges, 'project:write'),
      readBody,
      async (request, response) => {
        const change = readChangedProject(bodyOf(request));
        refuseMove(change, await requireProject(projects, request));
        const order = { name: projectIn(request), facts: change.facts, ...originOf(request) };
        sendJson(response, 200, { project: describeProject(await changeProjects.change(order)) });
      },
    ],
    delete: [
      ...withRight(edges, 'project:write'),
      async (request, response) => {
        await changeProjects.remove({ name: projectIn(request), ...originOf(request) });
        sendJson(response, 200, {});
      },
    ],
  };
}

function withRight({ guards, findRole }: ProjectEdges, right: ProjectRight): RequestHandler[] {
  return [...guards, requireProjectRight(findRole, right)];
}

async function requireProject(
  projects: Pick<ProjectStore, 'find'>,
  request: Request,
): Promise<Project> {
  const project = await projects.find(projectIn(request));
  if (project) return project;
  throw new Failure('project-unknown', 'Project not found.');
}

/** Certificates carry the name of their project, and its authority belongs to it for good. */
function refuseMove(
  change: { readonly name: string | undefined; readonly organizationId: string | undefined },
  project: Project,
): void {
  if ((change.name ?? project.name) !== project.name)
    throw new Failure('field-invalid', 'project_name cannot be changed: create a new project.');
  if ((change.organizationId ?? project.organizationId) !== project.organizationId)
    throw new Failure('field-invalid', 'organization_id cannot be changed: create a new project.');
}

/** Who asks, for the audit log. */
export function originOf(request: Request): { actor: string; requestId: string } {
  const { requestId } = contextOf(request);
  return { actor: `user:${callerOf(request).email}`, requestId };
}
