import { Router } from 'express';
import type { Request, RequestHandler, Response } from 'express';
import { originOf } from '../credentials/project-routes.js';
import { Failure } from '../failure.js';
import { cutPage } from '../http/cut-page.js';
import { mountPath } from '../http/routing.js';
import type { OutboxReview, OutboxSummary } from '../notifications/outbox-review.js';
import type { RetryAnnouncement } from '../notifications/retry-announcement.js';
import { answerForm } from './form-answers.js';
import type { Refused } from './form-answers.js';
import { formOf, readSessionForm } from './own-form.js';
import { sendConsolePage } from './page.js';
import { queryWord, saidIn, withQuery } from './query.js';
import { mayOnGateway, requireGatewayRight, viewerOf } from './viewer.js';

interface AnnouncementPageEdges {
  readonly outbox: Pick<OutboxReview, 'list'>;
  readonly retry: RetryAnnouncement;
  readonly adminUrl: string;
  /** Ends with requireViewer. */
  readonly guards: readonly RequestHandler[];
}

const states = ['waiting', 'sent', 'dead', 'withdrawn'] as const;
const rowsOfPage = 50;
const sentences = { retried: 'It leaves within seconds.' };

/** What was told to whom, and what could not be. */
export function makeAnnouncementPages(edges: AnnouncementPageEdges): Router {
  const { retry, guards } = edges;
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/announcements', {
    get: [
      ...guards,
      requireGatewayRight('read'),
      async (request, response) => {
        await showAnnouncements(edges, request, response);
      },
    ],
  });
  mountPath(router, '/announcements/retry', {
    post: [
      ...guards,
      requireGatewayRight('administer'),
      ...readSessionForm(edges.adminUrl),
      answerForm(
        async (request) => {
          const id = formOf(request).get('id') ?? '';
          if (!/^[0-9a-f]{8,64}$/.test(id))
            throw new Failure('resource-unknown', 'There is no such announcement.');
          await retry({ id, ...originOf(request) });
          return ['/announcements', 'retried'];
        },
        (...shown) => showAnnouncements(edges, ...shown),
      ),
    ],
  });
  return router;
}

async function showAnnouncements(
  { outbox }: AnnouncementPageEdges,
  request: Request,
  response: Response,
  refused?: Refused,
): Promise<void> {
  const asked = queryWord(request, 'state');
  const state = states.find((one) => one === asked);
  const before = cursorIn(request);
  const found = await outbox.list({ state, before, limit: rowsOfPage + 1 });
  const { rows: entries, last } = cutPage(found, rowsOfPage);
  sendConsolePage(request, response, {
    view: 'announcements',
    title: 'Announcements',
    said: saidIn(request, sentences),
    ...refused,
    data: {
      entries,
      states,
      state,
      isFirstPage: before === undefined,
      older: last && olderPath(state, last),
      mayRetry: mayOnGateway(viewerOf(request), 'administer'),
    },
  });
}

function olderPath(state: string | undefined, last: OutboxSummary): string {
  const { createdAt, dedupeKey } = last;
  return withQuery('/announcements', { state, at: String(createdAt), key: dedupeKey });
}

function cursorIn(request: Request) {
  const [at, dedupeKey] = [queryWord(request, 'at'), queryWord(request, 'key')];
  if (at === undefined || dedupeKey === undefined) return undefined;
  if (/^[0-9]{1,12}$/.test(at)) return { createdAt: Number(at), dedupeKey };
  throw new Failure('field-invalid', 'The address of this page is wrong: begin with the newest.');
}
