import { Router } from 'express';
import type { Request, RequestHandler } from 'express';
import { sendJson } from '../http/json-answer.js';
import { bodyOf, readBody } from '../http/read-body.js';
import { mountPath } from '../http/routing.js';
import type { AcknowledgeRenewal } from './acknowledge-renewal.js';
import type { CreateServiceUser } from './create-service-user.js';
import type { ExportCredentials } from './credential-files.js';
import type { DeleteServiceUser } from './delete-service-user.js';
import { makeExportFiles } from './export-files.js';
import { originOf } from './project-routes.js';
import type { ReadCredentials, ReadKeyless } from './read-credentials.js';
import type { FindRenewalSettings } from './renewal-settings.js';
import type { ResetCredentials } from './reset-credentials.js';
import { viewAfterWriting, viewForReading } from './secrets-view.js';
import type { SecretsMode } from './secrets-view.js';
import {
  allow,
  requireService,
  requireUser,
  sendService,
  serviceNameIn,
} from './service-access.js';
import type { ServiceAccess } from './service-access.js';
import { describeServiceUser } from './service-user-answers.js';
import { readIdempotencyKey, readNewUser, readUserChange } from './service-user-requests.js';
import type { UserChange } from './service-user-requests.js';
import type { SetAccessControl } from './set-access-control.js';

export interface ServiceUserEdges extends ServiceAccess {
  readonly createUser: CreateServiceUser;
  readonly deleteUser: DeleteServiceUser;
  readonly acknowledgeRenewal: AcknowledgeRenewal;
  readonly resetCredentials: ResetCredentials;
  readonly setAccessControl: SetAccessControl;
  readonly readCredentials: ReadCredentials;
  readonly readKeyless: ReadKeyless;
  /** By the name that `format` asks for. */
  readonly exportFormats: Readonly<Record<string, ExportCredentials>>;
  readonly findRenewalSettings: FindRenewalSettings;
  readonly secretsMode: SecretsMode;
}

/** Users of a service: what each client of theirs calls. */
export function makeServiceUserRoutes(edges: ServiceUserEdges): Router {
  const router = Router({ strict: true, caseSensitive: true });
  const users = '/v1/project/:project/service/:service/user';
  mountPath(router, users, { post: createUser(edges) });
  mountPath(router, `${users}/:username`, userHandlers(edges));
  const reset = changeUser(edges, () => ({
    operation: 'reset-credentials',
    newPassword: undefined,
    authentication: undefined,
  }));
  mountPath(router, `${users}/:username/credentials/reset`, { put: reset });
  mountPath(router, `${users}/:username/reset-credentials`, { post: reset });
  mountPath(router, `${users}/:username/credentials`, { get: downloadCredentials(edges) });
  return router;
}

function createUser(edges: ServiceUserEdges): RequestHandler[] {
  return [
    ...allow(edges, 'service:users:write'),
    readBody,
    async (request, response) => {
      const service = await requireService(edges, request);
      const named = readNewUser(bodyOf(request));
      const { validitySeconds } = await edges.findRenewalSettings(service);
      const order = { service, type: 'normal', validitySeconds, ...named } as const;
      const user = await edges.createUser({ ...order, ...originOf(request) });
      // Whoever makes a user gets its credentials, also where they are redacted afterwards.
      sendJson(response, 200, {
        message: 'The service user was created.',
        user: describeServiceUser(user, 'shown', edges.secrets),
      });
    },
  ];
}

function userHandlers(edges: ServiceUserEdges): Parameters<typeof mountPath>[2] {
  return {
    get: [
      ...allow(edges, 'project:read'),
      async (request, response) => {
        const view = viewForReading(request, edges.secretsMode);
        const { user } = await requireUser(edges, request);
        sendJson(response, 200, { user: describeServiceUser(user, view, edges.secrets) });
      },
    ],
    put: changeUser(edges, (request) => readUserChange(bodyOf(request))),
    delete: [
      ...allow(edges, 'service:users:write'),
      async (request, response) => {
        const { user } = await requireUser(edges, request);
        await edges.deleteUser({ user, ...originOf(request) });
        sendJson(response, 200, { message: 'The service user was deleted.' });
      },
    ],
  };
}

/** Answers with the whole service: some clients look for their user in it. */
function changeUser(
  edges: ServiceUserEdges,
  readChange: (request: Request) => UserChange,
): RequestHandler[] {
  return [
    ...allow(edges, 'service:users:write'),
    readBody,
    async (request, response) => {
      const { service, user } = await requireUser(edges, request);
      const change = readChange(request);
      const order = { user, ...originOf(request) };
      switch (change.operation) {
        case 'acknowledge-renewal':
          await edges.acknowledgeRenewal(order);
          break;
        case 'reset-credentials': {
          const { validitySeconds } = await edges.findRenewalSettings(service);
          const idempotencyKey = readIdempotencyKey(request);
          const whole = { ...order, ...change, service, validitySeconds, idempotencyKey };
          await edges.resetCredentials(whole);
          break;
        }
        case 'set-access-control':
          await edges.setAccessControl({ ...order, accessControl: change.accessControl });
      }
      const view = viewAfterWriting(request, edges.secretsMode);
      await sendService(edges, response, { ...serviceNameIn(request), view });
    },
  ];
}

/** Files by name, base64. */
function downloadCredentials(edges: ServiceUserEdges): RequestHandler[] {
  const exportFiles = makeExportFiles(edges);
  return [
    ...allow(edges, 'service:secrets:read'),
    async (request, response) => {
      const { user } = await requireUser(edges, request);
      const { files, ...rest } = await exportFiles(user, request.query['format'] ?? 'pem');
      sendJson(response, 200, {
        ...rest,
        files: files.map(({ name, content }) => ({
          name,
          content: Buffer.from(content).toString('base64'),
        })),
      });
    },
  ];
}
