import { Router } from 'express';
import type { RequestHandler } from 'express';
import type { CredentialFile } from '../credentials/credential-files.js';
import type { ExportFiles } from '../credentials/export-files.js';
import type { ExportFormatName } from '../credentials/export-format-names.js';
import { requireService, requireUser } from '../credentials/service-access.js';
import { describeServiceUser } from '../credentials/service-user-answers.js';
import type { OpenSecrets } from '../credentials/service-user-answers.js';
import type { ServiceUser } from '../credentials/service-user.js';
import type { UserListStore } from '../credentials/user-list-store.js';
import { cutPage } from '../http/cut-page.js';
import { mountPath } from '../http/routing.js';
import { orShowAgain } from './form-answers.js';
import { formOf } from './own-form.js';
import { sendConsolePage } from './page.js';
import { queryText, saidIn } from './query.js';
import { pageOfService, toDo, toSee } from './service-page.js';
import { pageOfUser, sentencesOfUser } from './service-user-page.js';
import type { ShownSecret, UserPageEdges } from './service-user-page.js';
import { userRow } from './service-user-row.js';

export interface UserPagesEdges extends UserPageEdges {
  readonly userLists: Pick<UserListStore, 'findExpiring' | 'page'>;
  readonly secrets: OpenSecrets;
  readonly exportFiles: ExportFiles;
}

const rowsOfPage = 50;

/** The users of a service, one of them, and their credentials for who may read secrets. */
export function makeServiceUserPages(edges: UserPagesEdges): Router {
  const router = Router({ strict: true, caseSensitive: true });
  const users = '/projects/:project/services/:service/users';
  mountPath(router, users, { get: [...toSee(edges, 'project:read'), listUsers(edges)] });
  mountPath(router, `${users}/:username`, {
    get: [
      ...toSee(edges, 'project:read'),
      async (request, response) => {
        const named = await requireUser(edges, request);
        sendConsolePage(request, response, await pageOfUser(edges, request, named));
      },
    ],
  });
  mountPath(router, `${users}/:username/credentials`, {
    post: [...toDo(edges, 'service:secrets:read'), showSecrets(edges)],
  });
  mountPath(router, `${users}/:username/download`, {
    post: [...toDo(edges, 'service:secrets:read'), download(edges)],
  });
  return router;
}

function listUsers(edges: UserPagesEdges): RequestHandler {
  return async (request, response) => {
    const service = await requireService(edges, request);
    const part = queryText(request, 'q');
    const found = await edges.userLists.page({
      project: service.project,
      service: service.name,
      part,
      after: queryText(request, 'after'),
      limit: rowsOfPage + 1,
    });
    const ground = { now: edges.clock(), findAccess: edges.findAccess };
    const { rows: listed, last } = cutPage(found, rowsOfPage);
    const rows = await Promise.all(listed.map((one) => userRow(one, ground)));
    const next = last && new URLSearchParams({ q: part, after: last.user.username }).toString();
    const page = await pageOfService(edges, request, {
      service,
      place: 'users',
      view: 'service-users',
      title: 'Users',
      said: saidIn(request, sentencesOfUser),
      data: { rows, q: part, isPart: part !== '' || 'after' in request.query, next },
    });
    sendConsolePage(request, response, page);
  };
}

/** The same as an answer with `include_secrets=true`; nothing of it stands in a URL. */
function showSecrets(edges: UserPagesEdges): RequestHandler {
  return async (request, response) => {
    const { service, user } = await requireUser(edges, request);
    const asked = formOf(request).getAll('show');
    const shown = secretsOf(user, edges.secrets).filter(({ id }) => asked.includes(id));
    const page = await pageOfUser(edges, request, {
      service,
      user,
      shown,
      data: { lastShown: asked.at(-1) },
    });
    sendConsolePage(request, response, page);
  };
}

function secretsOf(user: ServiceUser, secrets: OpenSecrets): ShownSecret[] {
  if (user.isWithheld) return [];
  const {
    password,
    access_key: key,
    access_cert: cert,
  } = describeServiceUser(user, 'shown', secrets);
  const all = [
    { id: 'key', label: 'Access key', text: key },
    { id: 'cert', label: 'Access cert', text: cert },
    { id: 'password', label: 'Password', text: password ?? undefined },
  ];
  return all.flatMap(({ text, ...one }) => (text === undefined ? [] : [{ ...one, text }]));
}

/** One page with every file, of one moment: so they fit each other. */
function download(edges: UserPagesEdges): RequestHandler {
  return async (request, response) => {
    const named = await requireUser(edges, request);
    const format = formOf(request).get('format');
    const send = async (): Promise<void> => {
      const { files, message } = await edges.exportFiles(named.user, format);
      const page = await pageOfUser(edges, request, {
        ...named,
        view: 'service-user-files',
        title: `Credentials of ${named.user.username}`,
        data: { formatText: formatTexts.get(format), files: files.map(asBase64), message },
      });
      sendConsolePage(request, response, page);
    };
    await orShowAgain(response, send, async (refused) => {
      const page = await pageOfUser(edges, request, named);
      sendConsolePage(request, response, { ...page, ...refused });
    });
  };
}

function asBase64({ name, content }: CredentialFile): { name: string; content: string } {
  return { name, content: Buffer.from(content).toString('base64') };
}

const formatTexts: ReadonlyMap<unknown, string> = new Map<ExportFormatName, string>([
  ['pem', 'PEM'],
  ['pkcs12', 'PKCS#12'],
  ['java', 'Java'],
]);
