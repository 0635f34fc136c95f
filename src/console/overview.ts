import type { CountEndingMonths, EndingCount, EndingMonths } from '../credentials/ending-months.js';
import type { LatestEvent, ListLatestEvents } from '../credentials/latest-events.js';
import type { MemberStore } from '../credentials/member-store.js';
import { sentenceOf } from './event-sentence.js';
import { gatherTasks } from './overview-tasks.js';
import type { Task, TaskEdges } from './overview-tasks.js';
import { mayOnGateway } from './viewer.js';
import type { Viewer } from './viewer.js';

/** The operations behind the first page. */
export interface OverviewEdges extends TaskEdges {
  readonly countEndingMonths: CountEndingMonths;
  readonly listLatestEvents: ListLatestEvents;
  readonly members: Pick<MemberStore, 'listRoles'>;
}

/** What one viewer may see of all that goes on. */
export interface Overview {
  readonly ending: EndingMonths;
  readonly tasks: readonly Task[];
  readonly events: readonly (LatestEvent & { readonly words: string })[];
  readonly hasProjects: boolean;
}

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
    tasks: await gatherTasks(edges, viewer, roles),
    events: events.map((event) => ({ ...event, words: sentenceOf(event) })),
    hasProjects: roles.length > 0,
  };
}
