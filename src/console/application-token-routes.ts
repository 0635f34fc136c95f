import { Router } from 'express';
import type { Request, RequestHandler, Response } from 'express';
import { holderName } from '../connector/client.js';
import type { Client, Mode } from '../connector/client.js';
import type { CreateToken } from '../connector/create-token.js';
import { contextOf } from '../http/request-context.js';
import { mountPath } from '../http/routing.js';
import { writeFingerprint } from '../pki/fingerprint.js';
import type { SubjectFields } from '../pki/names.js';
import { consolePath } from './console-urls.js';
import { orShowAgain, typedIn } from './form-answers.js';
import type { Refused } from './form-answers.js';
import { formOf, readSessionForm } from './own-form.js';
import { sendConsolePage } from './page.js';
import { linesFor } from './token-lines.js';
import { mayOnGateway, requireGatewayRight, viewerOf } from './viewer.js';

/** The operations behind the form. */
export interface ApplicationTokenEdges {
  readonly mode: Mode;
  readonly createToken: CreateToken;
  readonly subject: Omit<SubjectFields, 'CN'>;
  readonly gatewayUrl: string;
  /** PEM of what clients trust. */
  readonly caPem: () => string;
  readonly adminUrl: string;
  readonly guards: readonly RequestHandler[];
}

const trail = [{ text: 'Applications', href: '/applications' }];

/** Makes a token for a client; its page is the only place that ever shows it. */
export function makeApplicationTokenRoutes(edges: ApplicationTokenEdges): Router {
  const router = Router({ strict: true, caseSensitive: true });
  const guards = [...edges.guards, requireGatewayRight('create-tokens')];
  mountPath(router, '/applications/tokens/new', {
    get: [
      ...guards,
      (request, response) => {
        showForm(edges, request, response);
      },
    ],
    post: [
      ...guards,
      ...readSessionForm(edges.adminUrl),
      (request, response) =>
        orShowAgain(
          response,
          () => makeToken(edges, request, response),
          (refusal) => {
            showForm(edges, request, response, refusal);
          },
        ),
    ],
  });
  return router;
}

async function makeToken(
  edges: ApplicationTokenEdges,
  request: Request,
  response: Response,
): Promise<void> {
  const viewer = viewerOf(request);
  const client = clientIn(formOf(request), edges.mode);
  const created = await edges.createToken({
    client,
    actor: `user:${viewer.user.email}`,
    requestId: contextOf(request).requestId,
  });
  const { gatewayUrl, subject } = edges;
  const holder = holderName(client);
  sendConsolePage(request, response, {
    view: 'application-token-made',
    title: `Token for ${holder}`,
    status: 201,
    trail,
    data: {
      ...created,
      expires: Date.parse(created.expiresAt) / 1000,
      lines: linesFor({ client, token: created.token, gatewayUrl, subject }),
      caLink: `data:application/x-pem-file;base64,${Buffer.from(edges.caPem()).toString('base64')}`,
      caFingerprint: writeFingerprint(created.caSha256),
      applicationPath: mayOnGateway(viewer, 'read')
        ? consolePath`/applications/${holder}`
        : undefined,
    },
  });
}

/** Names are judged by the operation. */
function clientIn(form: URLSearchParams, mode: Mode): Client {
  const text = (name: string): string => (form.get(name) ?? '').trim();
  if (mode === 'standalone')
    return { kind: 'application', application: text('application'), tenant: null, group: null };
  const names = { tenant: text('tenant'), group: text('group') };
  if (text('kind') === 'runtime') return { kind: 'runtime', application: '', ...names };
  return { kind: 'application', application: text('application'), ...names };
}

function showForm(
  { mode }: ApplicationTokenEdges,
  request: Request,
  response: Response,
  refusal?: Refused,
): void {
  const typed = typedIn(request);
  sendConsolePage(request, response, {
    view: 'application-token',
    title: 'Make a token',
    trail,
    ...(refusal ?? {}),
    data: {
      mode,
      kind: typed('kind') === 'runtime' ? 'runtime' : 'application',
      application: typed('application'),
      tenant: typed('tenant'),
      group: typed('group'),
    },
  });
}
