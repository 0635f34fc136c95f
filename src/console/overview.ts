import type { EndingCount } from '../credentials/ending-count.js';
import type { CountEndingMonths, EndingMonths } from '../credentials/ending-months.js';
import { firstOf } from '../credentials/expiry.js';
import type { UpcomingEnd } from '../credentials/expiry.js';
import type { ListExpiries } from '../credentials/expiry-store.js';
import type { LatestEvent, ListLatestEvents } from '../credentials/latest-events.js';
import type { MemberStore } from '../credentials/member-store.js';
import { sentenceOf } from './event-sentence.js';
import { nextEndOf } from './next-ends.js';
import type { NextEnd } from './next-ends.js';
import { gatherTasks } from './overview-tasks.js';
import type { Task, TaskEdges } from './overview-tasks.js';
import { withQuery } from './query.js';
import { mayOnGateway } from './viewer.js';
import type { Viewer } from './viewer.js';

/** The operations behind the first page. */
export interface OverviewEdges extends TaskEdges {
  readonly countEndingMonths: CountEndingMonths;
  readonly listExpiries: ListExpiries;
  readonly listLatestEvents: ListLatestEvents;
  readonly members: Pick<MemberStore, 'listRoles'>;
}

/** An event in words. */
interface ShownEvent extends LatestEvent {
  readonly words: string;
  /** All that befell whom it concerns, for who may read the audit log. */
  readonly auditPath: string | undefined;
}

/** What one viewer may see of all that goes on. */
export interface Overview {
  readonly ending: EndingMonths;
  readonly next: readonly NextEnd[];
  readonly tasks: readonly Task[];
  readonly events: readonly ShownEvent[];
  readonly hasProjects: boolean;
}

const eventCount = 8;
const mostNext = 6;

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
    next: await gatherNext(edges, { own: isOperator ? all.first : [], projects: [...projects] }),
    tasks: await gatherTasks(edges, viewer, roles),
    events: events.map((event) => ({
      ...event,
      words: sentenceOf(event),
      auditPath:
        isOperator && event.holder !== null
          ? withQuery('/audit', { holder: event.holder })
          : undefined,
    })),
    hasProjects: roles.length > 0,
  };
}

/** What ends first, of the gateway's own and of these projects; what has ended is counted, and not next. */
async function gatherNext(
  { listExpiries, clock }: Pick<OverviewEdges, 'listExpiries' | 'clock'>,
  seen: { readonly own: readonly UpcomingEnd[]; readonly projects: readonly string[] },
): Promise<NextEnd[]> {
  const now = clock();
  const ofProjects = await listExpiries({
    projects: seen.projects,
    now,
    until: Number.MAX_SAFE_INTEGER,
    after: { endsAt: now, sha256: beforeAll },
    limit: mostNext,
  });
  return firstOf([...seen.own, ...ofProjects], mostNext).map((end) => nextEndOf(end, now));
}

/** Before every SHA-256: a page behind it begins with what ends at that very second. */
const beforeAll = '';
