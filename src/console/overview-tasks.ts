import type { MemberStore } from '../credentials/member-store.js';
import type { ListOpenRollOvers, ListWaitingServices } from '../credentials/waiting-services.js';
import type { Clock } from '../edges.js';
import type { ListedRotation, ListRotations } from '../governance/rotation-list-store.js';
import { roleHas } from '../people/project-rights.js';
import { consolePath } from './console-urls.js';
import { rotationPath } from './governance-paths.js';
import { servicePaths } from './service-page.js';
import { mayOnGateway } from './viewer.js';
import type { Viewer } from './viewer.js';

/** Where what waits for somebody is found. */
export interface TaskEdges {
  readonly listWaitingServices: ListWaitingServices;
  readonly listOpenRollOvers: ListOpenRollOvers;
  readonly listRotations: ListRotations;
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

const mostTasks = 8;

type Roles = Awaited<ReturnType<MemberStore['listRoles']>>;

/** What the viewer can decide, reveal, acknowledge and activate, with these roles in projects. */
export async function gatherTasks(edges: TaskEdges, viewer: Viewer, roles: Roles): Promise<Task[]> {
  const isOperator = mayOnGateway(viewer, 'read');
  return [
    ...(await rotationTasks(edges, viewer)),
    ...(await renewalTasks(edges, roles)),
    ...(await authorityTasks(edges, { roles, isOperator })),
  ];
}

async function renewalTasks(
  { listWaitingServices }: Pick<TaskEdges, 'listWaitingServices'>,
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
    href: servicePaths({ project, name: service }).users,
    action: 'Acknowledge',
    until: firstEnd,
  }));
}

async function rotationTasks(
  { listRotations, clock }: Pick<TaskEdges, 'listRotations' | 'clock'>,
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
    href: rotationPath(organization, rotation),
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
    href: rotationPath(organization, rotation),
    action: 'Decide',
    until: rotation.lapsesAt,
  };
}

async function authorityTasks(
  { listOpenRollOvers }: Pick<TaskEdges, 'listOpenRollOvers'>,
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
