import { Router } from 'express';
import type { RequestHandler } from 'express';
import { toPem } from '../authority/chains.js';
import type { ProjectAuthorities } from '../authority/project-authorities.js';
import type { AcceptInvitations } from '../credentials/accept-invitations.js';
import type { RotationPhase } from '../credentials/ca-rotation-policy.js';
import type { ListProjectEvents } from '../credentials/event-store.js';
import { describeEvent } from '../credentials/event-words.js';
import type { FindCaRotation } from '../credentials/find-ca-rotation.js';
import type { MemberStore } from '../credentials/member-store.js';
import { projectIn } from '../credentials/project-access.js';
import type { FindRole } from '../credentials/project-access.js';
import type { ProjectStore } from '../credentials/project-store.js';
import { serviceTypeOf } from '../credentials/service-types.js';
import type { ServiceStore } from '../credentials/service-store.js';
import type { UserListStore } from '../credentials/user-list-store.js';
import { mountPath } from '../http/routing.js';
import { sendText } from '../http/text-answer.js';
import { callerOf } from '../people/caller.js';
import { caFacts } from './ca-facts.js';
import { sendConsolePage } from './page.js';
import { caPath, servicePaths, toSee } from './service-page.js';
import { mayOnGateway, viewerOf } from './viewer.js';

export interface ProjectPageEdges {
  readonly projects: Pick<ProjectStore, 'listOf'>;
  readonly acceptInvitations: AcceptInvitations;
  readonly services: Pick<ServiceStore, 'list'>;
  readonly members: Pick<MemberStore, 'list'>;
  readonly userLists: Pick<UserListStore, 'countByService' | 'countExpiring'>;
  readonly authorities: Pick<ProjectAuthorities, 'certificates'>;
  readonly caRotations: { readonly find: FindCaRotation };
  readonly listEvents: ListProjectEvents;
  readonly findRole: FindRole;
  /** Ends with requireViewer. */
  readonly guards: readonly RequestHandler[];
}

const latestEvents = 20;

/** The projects of the viewer, one of them, and the certificates of its CA. */
export function makeProjectPages(edges: ProjectPageEdges): Router {
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/projects', { get: [...edges.guards, listProjects(edges)] });
  mountPath(router, '/projects/:project', {
    get: [...toSee(edges, 'project:read'), showProject(edges)],
  });
  mountPath(router, '/projects/:project/ca.pem', {
    get: [
      ...toSee(edges, 'project:read'),
      async (request, response) => {
        const text = toPem(await edges.authorities.certificates(projectIn(request)));
        response.setHeader('Content-Disposition', 'attachment; filename="ca.pem"');
        sendText(response, { status: 200, contentType: 'application/x-pem-file', text });
      },
    ],
  });
  return router;
}

function listProjects(edges: ProjectPageEdges): RequestHandler {
  const { acceptInvitations, projects, userLists } = edges;
  return async (request, response) => {
    const caller = callerOf(request);
    await acceptInvitations(caller);
    const own = await projects.listOf(caller.userId);
    const expiring = await userLists.countExpiring(own.map(({ name }) => name));
    const organizations = new Map(
      viewerOf(request).organizations.map(({ id, name }) => [id, name]),
    );
    const rows = own.map(({ name, organizationId, createdAt }) => ({
      name,
      organization: organizations.get(organizationId) ?? organizationId,
      createdAt,
      expiring: expiring.get(name) ?? 0,
    }));
    sendConsolePage(request, response, { view: 'projects', title: 'Projects', data: { rows } });
  };
}

function showProject(edges: ProjectPageEdges): RequestHandler {
  const { services, members, userLists, authorities, caRotations, listEvents } = edges;
  return async (request, response) => {
    const project = projectIn(request);
    const counts = await userLists.countByService(project);
    const certificates = await authorities.certificates(project);
    const { phase } = await caRotations.find(project);
    const events = await listEvents(project, latestEvents);
    sendConsolePage(request, response, {
      view: 'project',
      title: project,
      trail: [{ text: 'Projects', href: '/projects' }],
      data: {
        project,
        services: (await services.list(project)).map((service) => ({
          ...service,
          ...(counts.get(service.name) ?? { users: 0, expiring: 0 }),
          typeText: serviceTypeOf(service.type).description,
          paths: servicePaths(service),
        })),
        members: await members.list(project),
        ca: {
          path: caPath(project),
          certificates: certificates.map(caFacts),
          state: phaseWords[phase],
          isLinked: mayOnGateway(viewerOf(request), 'read'),
        },
        events: events.map((event) => ({
          ...event,
          actor: event.actor.replace(/^user:/, ''),
          text: describeEvent(event),
        })),
      },
    });
  };
}

const phaseWords: Readonly<Record<RotationPhase, { text: string; isUnderWay: boolean }>> = {
  ACTIVE: { text: 'It signs, and no roll-over is under way.', isUnderWay: false },
  DONE: { text: 'It signs, and the last roll-over is done.', isUnderWay: false },
  BUNDLE: { text: 'The next CA is published: every service is to trust both.', isUnderWay: true },
  TRUSTING: { text: 'The next CA is published, and some services trust both.', isUnderWay: true },
  NEW_ACTIVE: {
    text: 'The new CA signs: servers are to present certificates of it.',
    isUnderWay: true,
  },
  PRESENTING: {
    text: 'The new CA signs, and some servers present certificates of it.',
    isUnderWay: true,
  },
};
