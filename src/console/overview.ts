import type { LatestEvent, ListLatestEvents } from '../credentials/latest-events.js';
import type { CountEndingMonths, EndingCount, EndingMonths } from '../credentials/ending-months.js';
import type { MemberStore } from '../credentials/member-store.js';
import type { ListOpenRollOvers, ListWaitingServices } from '../credentials/waiting-services.js';
import type { Clock } from '../edges.js';
import type { ListedRotation, ListRotations } from '../governance/rotation-list-store.js';
import { roleHas } from '../people/project-rights.js';
import { consolePath } from './console-urls.js';
import { sentenceOf } from './event-sentence.js';
import { mayOnGateway } from './viewer.js';
import type { Viewer } from './viewer.js';

/** The operations behind the first page. */
export interface OverviewEdges {
  readonly countEndingMonths: CountEndingMonths;
  readonly listWaitingServices: ListWaitingServices;
  readonly listOpenRollOvers: ListOpenRollOvers;
  readonly listLatestEvents: ListLatestEvents;
  readonly listRotations: ListRotations;
  readonly members: Pick<MemberStore, 'listRoles'>;
  readonly clock: Clock;
}

/** Something that the viewer can do. */
export interface Task {
  readonly text: string;
  readonly detail: string;
  readonly href: string;
  readonly action: string;
  /** Until when, in seconds UTC. */
  readonly until: number | null;
}

/** What one viewer may see of all that goes on. */
export interface Overview {
  readonly ending: EndingMonths;
  readonly tasks: readonly Task[];
  readonly events: readonly (LatestEvent & { readonly words: string })[];
  readonly hasProjects: boolean;
}

const mostTasks = 8;
const eventCount = 8;

/** Gathers it: applications and the gateway's own authority for who reads the gateway, projects for their members. */
export async function gatherOverview(edges: OverviewEdges, viewer: Viewer): Promise<Overview> {
  const roles = await edges.members.listRoles(viewer.user.id);
  const projects = new Set(roles.map(({ project }) => project));
  const isOperator = mayOnGateway(viewer, 'read');
  const all = await edges.countEndingMonths();
  const isSeen = ({ project }: EndingCount): boolean =>
    project === null ? isOperator : projects.has(project);
  const events = await edges.listLatestEvents({
    projects: isOperator ? undefined : [...projects],
    limit: eventCount,
  });
  return {
    ending: { ...all, counts: all.counts.filter(isSeen) },
    tasks: [
      ...(await rotationTasks(edges, viewer)),
      ...(await renewalTasks(edges, roles)),
      ...(await authorityTasks(edges, { roles, isOperator })),
    ],
    events: events.map((event) => ({ ...event, words: sentenceOf(event) })),
    hasProjects: roles.length > 0,
  };
}

type Roles = Awaited<ReturnType<MemberStore['listRoles']>>;

async function renewalTasks(
  { listWaitingServices }: Pick<OverviewEdges, 'listWaitingServices'>,
  roles: Roles,
): Promise<Task[]> {
  const projects = roles.flatMap(({ project, role }) =>
    roleHas(role, 'service:users:write') ? [project] : [],
  );
  const waiting = await listWaitingServices({ projects, limit: mostTasks });
  return waiting.map(({ project, service, users, firstEnd }) => ({
    text: `${project} / ${service}`,
    detail:
      users === 1
        ? 'The renewed certificate of one user waits for its acknowledgement.'
        : `The renewed certificates of ${String(users)} users wait for their acknowledgement.`,
    href: consolePath`/projects/${project}/services/${service}/users`,
    action: 'Acknowledge',
    until: firstEnd,
  }));
}

async function rotationTasks(
  { listRotations, clock }: Pick<OverviewEdges, 'listRotations' | 'clock'>,
  viewer: Viewer,
): Promise<Task[]> {
  const tasks: Task[] = [];
  for (const { id: organizationId, isAdmin } of viewer.organizations) {
    const page = {
      organizationId,
      viewer: { userId: viewer.user.id, isAdmin },
      after: undefined,
      limit: mostTasks,
      now: clock(),
    };
    const toDecide = await listRotations({ ...page, scope: 'mine-to-decide', filter: noFilter });
    const own = { ...noFilter, states: ['approved'] as const, requesterId: viewer.user.id };
    const approved = await listRotations({ ...page, scope: 'all', filter: own });
    const toReveal = approved.filter(({ may }) => may.reveal);
    tasks.push(...toReveal.map((one) => revealTask(organizationId, one)));
    tasks.push(...toDecide.map((one) => decideTask(organizationId, one)));
  }
  return tasks;
}

const noFilter = {
  states: undefined,
  accessId: undefined,
  accessName: undefined,
  requesterId: undefined,
  ownerGroupId: undefined,
};

function revealTask(
  organization: string,
  { rotation, accessName, username }: ListedRotation,
): Task {
  return {
    text: accessName,
    detail: `The new credentials of ${username} wait for you; they are shown once.`,
    href: consolePath`/governance/${organization}/access/${rotation.accessId}/rotations/${rotation.id}`,
    action: 'Review credentials',
    until: rotation.credentials?.lapseAt ?? null,
  };
}

function decideTask(
  organization: string,
  { rotation, accessName, username, requester }: ListedRotation,
): Task {
  return {
    text: accessName,
    detail: `${requester} asks for new credentials of ${username}.`,
    href: consolePath`/governance/${organization}/access/${rotation.accessId}/rotations/${rotation.id}`,
    action: 'Decide',
    until: rotation.lapsesAt,
  };
}

async function authorityTasks(
  { listOpenRollOvers }: Pick<OverviewEdges, 'listOpenRollOvers'>,
  { roles, isOperator }: { readonly roles: Roles; readonly isOperator: boolean },
): Promise<Task[]> {
  const projects = roles.flatMap(({ project, role }) =>
    roleHas(role, 'project:write') ? [project] : [],
  );
  const open = await listOpenRollOvers({ projects, withGateway: isOperator });
  return open.slice(0, mostTasks).map(({ project, authorityId, step, dueAt }) => ({
    text: project === null ? `CA ${authorityId}` : `CA of ${project}`,
    detail:
      step === 'activate'
        ? 'A new CA is prepared: let everybody trust it, then activate it.'
        : 'The CA before retires when nobody holds a certificate of it any more.',
    href: project === null ? '/authorities' : consolePath`/projects/${project}`,
    action: 'See the roll-over',
    until: dueAt,
  }));
}
