import { Router } from 'express';
import type { Request, RequestHandler, Response } from 'express';
import type { ListProjectAuthorityPage } from '../authority/project-authority-list.js';
import type { FindCaRotation } from '../credentials/find-ca-rotation.js';
import type { PrepareProjectCa } from '../credentials/prepare-project-ca.js';
import { originOf } from '../credentials/project-routes.js';
import type { StepProjectCa } from '../credentials/step-project-ca.js';
import { Failure } from '../failure.js';
import { cutPage } from '../http/cut-page.js';
import { mountPath } from '../http/routing.js';
import { encodePem } from '../pki/pem.js';
import { authorityRow } from './authority-rows.js';
import { authoritySidebar } from './authority-sidebar.js';
import { consolePath } from './console-urls.js';
import { answerForm } from './form-answers.js';
import type { Refused } from './form-answers.js';
import { formOf, readSessionForm } from './own-form.js';
import { sendConsolePage } from './page.js';
import { queryText, saidIn } from './query.js';
import { sendPem } from './send-pem.js';
import { mayOnGateway, requireGatewayRight, viewerOf } from './viewer.js';

interface ProjectAuthorityPageEdges {
  readonly listPage: ListProjectAuthorityPage;
  readonly caRotations: {
    readonly find: FindCaRotation;
    readonly prepare: PrepareProjectCa;
    readonly step: StepProjectCa;
  };
  readonly adminUrl: string;
  /** Ends with requireViewer. */
  readonly guards: readonly RequestHandler[];
}

const rowsOfPage = 50;

const sentences = {
  prepare: 'The next CA is prepared, and the contacts of the project are told.',
  activate: 'It is active: it signs for the users of the project from now on.',
  retire: 'It is retired. The roll-over is done.',
};

/** The CAs of projects, and their roll-overs. */
export function makeProjectAuthorityPages(edges: ProjectAuthorityPageEdges): Router {
  const { listPage, guards } = edges;
  const asReader = [...guards, requireGatewayRight('read')];
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/authorities/projects', { get: [...asReader, listHandler(listPage)] });
  mountPath(router, '/authorities/projects/:project', {
    get: [...asReader, (request, response) => showProject(edges, request, response)],
  });
  mountPath(router, '/authorities/projects/:project/ca/:authority/certificate.pem', {
    get: [
      ...asReader,
      async (request, response) => {
        const { authorities } = await requireRotation(edges, request);
        const found = authorities.find(({ id }) => id === request.params['authority']);
        if (!found) throw new Failure('resource-unknown', 'There is no such authority.');
        const pem = encodePem('CERTIFICATE', found.certificate.der);
        sendPem(response, { name: `${found.id}.pem`, pem });
      },
    ],
  });
  mountPath(router, '/authorities/projects/:project/steps', {
    post: [
      ...guards,
      requireGatewayRight('administer'),
      ...readSessionForm(edges.adminUrl),
      answerForm(
        async (request) => {
          const said = await takeStep(edges, request);
          return [consolePath`/authorities/projects/${projectIn(request)}`, said];
        },
        (...shown) => showProject(edges, ...shown),
      ),
    ],
  });
  return router;
}

function listHandler(listPage: ListProjectAuthorityPage): RequestHandler {
  return async (request, response) => {
    const after = queryText(request, 'after');
    const found = await listPage({ after, limit: rowsOfPage + 1 });
    const { rows, last } = cutPage(found, rowsOfPage);
    sendConsolePage(request, response, {
      view: 'project-authorities',
      title: 'Authorities of projects',
      sidebar: authoritySidebar('projects'),
      data: {
        rows: rows.map((row) => ({ ...row, authority: authorityRow(row.authority) })),
        isFirstPage: after === '',
        more: last && consolePath`/authorities/projects?after=${last.project}`,
      },
    });
  };
}

async function takeStep(
  { caRotations }: ProjectAuthorityPageEdges,
  request: Request,
): Promise<string> {
  const step = formOf(request).get('step');
  const order = { project: projectIn(request), ...originOf(request) };
  if (step === 'prepare') await caRotations.prepare(order);
  else if (step === 'activate' || step === 'retire') await caRotations.step({ ...order, step });
  else throw new Failure('field-invalid', 'There is no such step.');
  return step;
}

async function showProject(
  edges: ProjectAuthorityPageEdges,
  request: Request,
  response: Response,
  refused?: Refused,
): Promise<void> {
  const project = projectIn(request);
  const rotation = await requireRotation(edges, request);
  sendConsolePage(request, response, {
    view: 'project-authority',
    title: project,
    sidebar: authoritySidebar('projects'),
    trail: [{ text: 'Authorities of projects', href: '/authorities/projects' }],
    said: saidIn(request, sentences),
    ...refused,
    data: {
      project,
      path: consolePath`/authorities/projects/${project}`,
      authorities: rotation.authorities.map(authorityRow).reverse(),
      services: rotation.services,
      users: rotation.users,
      isPrepared: rotation.authorities.some(({ state }) => state === 'prepared'),
      isRetiring: rotation.authorities.some(({ state }) => state === 'retiring'),
      mayStep: mayOnGateway(viewerOf(request), 'administer'),
    },
  });
}

async function requireRotation({ caRotations }: ProjectAuthorityPageEdges, request: Request) {
  const rotation = await caRotations.find(projectIn(request));
  if (rotation.authorities.length > 0) return rotation;
  throw new Failure('project-unknown', 'There is no project of this name that has a CA.');
}

function projectIn(request: Request): string {
  const name = request.params['project'];
  if (typeof name === 'string' && !name.includes('\0')) return name;
  throw new Failure('project-unknown', 'Project not found.');
}
