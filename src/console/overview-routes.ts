import { Router } from 'express';
import type { RequestHandler } from 'express';
import type { ApplicationState } from '../connector/application-store.js';
import type { EndingCount, EndingState } from '../credentials/ending-count.js';
import { mountPath } from '../http/routing.js';
import { gatherOverview } from './overview.js';
import type { OverviewEdges } from './overview.js';
import { sendConsolePage } from './page.js';
import { grouped, timelineRows, timelineStates } from './timeline-rows.js';
import { drawTimeline } from './timeline.js';
import { mayOnGateway, viewerOf } from './viewer.js';

/** The first page: what expires next, what needs the viewer, what befell lately. */
export function makeOverviewRoutes(
  edges: OverviewEdges & { readonly guards: readonly RequestHandler[] },
): Router {
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/', {
    get: [
      ...edges.guards,
      async (request, response) => {
        const viewer = viewerOf(request);
        const { ending, ...overview } = await gatherOverview(edges, viewer);
        const isOperator = mayOnGateway(viewer, 'read');
        sendConsolePage(request, response, {
          view: 'overview',
          title: 'Overview',
          data: {
            ...overview,
            cards: cards.map((card) => ({ ...card, ...countOf(ending.counts, card.state) })),
            isEmpty: ending.counts.length === 0,
            isOperator,
            mayIssue: mayOnGateway(viewer, 'create-tokens'),
            countedAt: ending.countedAt,
            picture: drawTimeline(ending),
            rows: timelineRows(ending),
            legend: timelineStates,
          },
        });
      },
    ],
  });
  return router;
}

const cards = [
  { state: 'ended', text: 'Ended', kind: 'bad' },
  { state: 'soon', text: 'End within 30 days', kind: 'soon' },
  { state: 'waiting', text: 'Wait for somebody', kind: 'soon' },
  { state: 'unrenewed', text: 'Nothing renews them', kind: 'quiet' },
  { state: 'fine', text: 'Fine', kind: 'good' },
] as const satisfies readonly { readonly state: EndingState; text: string; kind: string }[];

const kindWords = {
  application: ['application', 'applications'],
  'service-user': ['service user', 'service users'],
  authority: ['authority', 'authorities'],
} as const;

/** The list of applications has a state for these. */
const listedStates: Partial<Record<EndingState, ApplicationState>> = {
  ended: 'expired',
  soon: 'ends-soon',
  fine: 'valid',
};

interface CardPart {
  readonly text: string;
  /** Where they are listed. */
  readonly href: string | null;
}

function countOf(
  counts: readonly EndingCount[],
  state: EndingState,
): { readonly count: string; readonly parts: readonly CardPart[] } {
  const of = (kind?: EndingCount['kind']): number =>
    counts
      .filter((one) => one.state === state && (kind === undefined || one.kind === kind))
      .reduce((sum, { count }) => sum + count, 0);
  const parts = (['application', 'service-user', 'authority'] as const).flatMap((kind) => {
    const count = of(kind);
    const text = `${grouped(count)} ${kindWords[kind][count === 1 ? 0 : 1]}`;
    const listed = kind === 'application' ? listedStates[state] : undefined;
    const href = listed === undefined ? null : `/applications?state=${listed}`;
    return count === 0 ? [] : [{ text, href }];
  });
  return { count: grouped(of()), parts };
}
