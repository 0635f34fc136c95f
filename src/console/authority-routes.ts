import { Router } from 'express';
import type { Request, RequestHandler, Response } from 'express';
import type { RecordedAuthority } from '../authority/authority.js';
import type { FirstLeft } from '../authority/left-behind-store.js';
import type { RevocationListProgress } from '../authority/revocation-list-store.js';
import type { TakeStep } from '../authority/take-step.js';
import { originOf } from '../credentials/project-routes.js';
import { Failure } from '../failure.js';
import { mountPath } from '../http/routing.js';
import { encodePem } from '../pki/pem.js';
import { authorityRow } from './authority-rows.js';
import { authoritySidebar } from './authority-sidebar.js';
import { consolePath } from './console-urls.js';
import { answerForm } from './form-answers.js';
import type { Refused } from './form-answers.js';
import { formOf, readSessionForm } from './own-form.js';
import { sendConsolePage } from './page.js';
import { saidIn } from './query.js';
import { sendPem } from './send-pem.js';
import { mayOnGateway, requireGatewayRight, viewerOf } from './viewer.js';

interface AuthorityPageEdges {
  readonly listAuthorities: () => Promise<RecordedAuthority[]>;
  /** Who would be cut off without an authority: as many as a page counts. */
  readonly findFirstDependents: (id: string, certificates: number) => Promise<FirstLeft>;
  /** Where the lists of an authority are, and its URLs; none where certificates name none. */
  readonly findLists: (id: string) => Promise<RevocationListProgress | undefined>;
  readonly urlsOf: (id: string) => { crlUrl: string; ocspUrl: string } | undefined;
  /** The steps of `everleaf ca rotate`, with the gateway's settings. */
  readonly prepare: (origin: { actor: string; requestId: string }) => Promise<unknown>;
  readonly takeStep: TakeStep;
  /** The authority whose key the settings name. */
  readonly fileKeyId: () => string | undefined;
  readonly adminUrl: string;
  /** Ends with requireViewer. */
  readonly guards: readonly RequestHandler[];
}

const sentences = {
  prepare: 'The next authority is prepared: give relying parties the new bundle now.',
  activate: 'It is active: within a second it signs everything new. The one before is retiring.',
  retire: 'It is retired: its certificates are no longer accepted.',
};

/** The authorities of the gateway itself, and their roll-over. */
export function makeAuthorityPages(edges: AuthorityPageEdges): Router {
  const { listAuthorities, guards } = edges;
  const asReader = [...guards, requireGatewayRight('read')];
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/authorities', {
    get: [...asReader, (request, response) => showAuthorities(edges, request, response)],
  });
  mountPath(router, '/authorities/steps', {
    post: [
      ...guards,
      requireGatewayRight('administer'),
      ...readSessionForm(edges.adminUrl),
      answerForm(
        async (request) => ['/authorities', await takeStep(edges, request)],
        (...shown) => showAuthorities(edges, ...shown),
      ),
    ],
  });
  mountPath(router, '/authorities/gateway/:authority', {
    get: [
      ...asReader,
      async (request, response) => {
        const authority = await requireAuthority(listAuthorities, request);
        const { id } = authority;
        sendConsolePage(request, response, {
          view: 'authority',
          title: `Authority ${id}`,
          trail: [{ text: 'Authorities', href: '/authorities' }],
          data: {
            authority: authorityRow(authority),
            lists: await edges.findLists(id),
            urls: edges.urlsOf(id),
            pemPath: consolePath`/authorities/gateway/${id}/certificate.pem`,
          },
        });
      },
    ],
  });
  mountPath(router, '/authorities/gateway/:authority/certificate.pem', {
    get: [
      ...asReader,
      async (request, response) => {
        const { id, certificate, chain } = await requireAuthority(listAuthorities, request);
        const pems = [certificate, ...chain].map(({ der }) => encodePem('CERTIFICATE', der));
        sendPem(response, { name: `${id}.pem`, pem: pems.join('') });
      },
    ],
  });
  return router;
}

async function takeStep(edges: AuthorityPageEdges, request: Request): Promise<string> {
  const form = formOf(request);
  const [step, id] = [form.get('step'), form.get('authority') ?? ''];
  const origin = originOf(request);
  if (step === 'prepare') await edges.prepare(origin);
  else if (step === 'activate' || step === 'retire')
    await edges.takeStep({ step, id, actor: origin.actor, fileKeyId: edges.fileKeyId() });
  else throw new Failure('field-invalid', 'There is no such step.');
  return step;
}

/** Of many holders the page names and counts as many. */
const mostNamed = 50;
const mostCounted = 1000;

async function showAuthorities(
  edges: AuthorityPageEdges,
  request: Request,
  response: Response,
  refused?: Refused,
): Promise<void> {
  const authorities = await edges.listAuthorities();
  const retiring = [];
  for (const { id, state } of authorities) {
    if (state !== 'retiring') continue;
    const { dependents, isAll } = await edges.findFirstDependents(id, mostCounted);
    const count = dependents.length;
    retiring.push({ id, count, isAll, dependents: dependents.slice(0, mostNamed) });
  }
  sendConsolePage(request, response, {
    view: 'authorities',
    title: 'Authorities',
    sidebar: authoritySidebar('gateway'),
    said: saidIn(request, sentences),
    ...refused,
    data: {
      authorities: authorities.map(authorityRow).reverse(),
      prepared: authorities.filter(({ state }) => state === 'prepared').map(authorityRow),
      retiring,
      mayStep: mayOnGateway(viewerOf(request), 'administer'),
    },
  });
}

async function requireAuthority(
  list: AuthorityPageEdges['listAuthorities'],
  request: Request,
): Promise<RecordedAuthority> {
  const found = (await list()).find(({ id }) => id === request.params['authority']);
  if (found) return found;
  throw new Failure('resource-unknown', 'There is no such authority.');
}
