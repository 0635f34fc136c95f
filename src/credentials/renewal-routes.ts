import { Router } from 'express';
import type { RequestHandler, Response } from 'express';
import { isoTime } from '../iso-time.js';
import { sendJson } from '../http/json-answer.js';
import { bodyOf, readBody } from '../http/read-body.js';
import { mountPath } from '../http/routing.js';
import type { AcknowledgeService } from './acknowledge-service.js';
import type { AskedRenewals, AskForRenewals } from './ask-for-renewals.js';
import { describePassedOver } from './passed-over.js';
import { projectIn } from './project-access.js';
import { originOf } from './project-routes.js';
import type { RenewNow } from './renew-now.js';
import { readOldRevocation, readRenewal } from './renewal-requests.js';
import type { RevokeOldCertificates } from './revoke-old-certificates.js';
import { viewAfterWriting } from './secrets-view.js';
import type { SecretsMode } from './secrets-view.js';
import { allow, requireService, requireUser } from './service-access.js';
import type { ServiceAccess } from './service-access.js';
import { describeServiceUser } from './service-user-answers.js';
import { readIdempotencyKey } from './service-user-requests.js';

interface RenewalEdges extends ServiceAccess {
  readonly renewNow: RenewNow;
  readonly askForRenewals: AskForRenewals;
  readonly acknowledgeService: AcknowledgeService;
  readonly revokeOldCertificates: RevokeOldCertificates;
  readonly secretsMode: SecretsMode;
}

/** Renewals that somebody asks for, and what comes after them. */
export function makeRenewalRoutes(edges: RenewalEdges): Router {
  const router = Router({ strict: true, caseSensitive: true });
  const project = '/v1/project/:project';
  const service = `${project}/service/:service`;
  const user = `${service}/user/:username`;
  mountPath(router, `${project}/renewals`, { post: renewProject(edges) });
  mountPath(router, `${service}/renewals`, { post: renewService(edges) });
  mountPath(router, `${service}/acknowledgements`, { post: acknowledgeAll(edges) });
  mountPath(router, `${user}/renewals`, { post: renewUser(edges) });
  mountPath(router, `${user}/revocations`, { post: revokeOld(edges) });
  return router;
}

function renewUser(edges: RenewalEdges): RequestHandler[] {
  return [
    ...allow(edges, 'service:users:write'),
    readBody,
    async (request, response) => {
      const named = await requireUser(edges, request);
      const order = { ...named, ...readRenewal(bodyOf(request)), ...originOf(request) };
      const idempotencyKey = readIdempotencyKey(request);
      const user = await edges.renewNow({ ...order, idempotencyKey });
      const view = viewAfterWriting(request, edges.secretsMode);
      sendJson(response, 200, {
        message: `${user.username} was renewed; the old certificate works on to its own end.`,
        user: describeServiceUser(user, view, edges.secrets),
      });
    },
  ];
}

function renewService(edges: RenewalEdges): RequestHandler[] {
  return [
    ...allow(edges, 'service:users:write'),
    readBody,
    async (request, response) => {
      const { project, name: service } = await requireService(edges, request);
      const order = { ...readRenewal(bodyOf(request)), ...originOf(request) };
      const idempotencyKey = readIdempotencyKey(request);
      const asked = await edges.askForRenewals({ ...order, project, service, idempotencyKey });
      sendAsked(response, asked);
    },
  ];
}

function renewProject(edges: RenewalEdges): RequestHandler[] {
  return [
    ...allow(edges, 'project:write'),
    readBody,
    async (request, response) => {
      const order = { ...readRenewal(bodyOf(request)), ...originOf(request) };
      const idempotencyKey = readIdempotencyKey(request);
      const project = projectIn(request);
      sendAsked(response, await edges.askForRenewals({ ...order, project, idempotencyKey }));
    },
  ];
}

function sendAsked(response: Response, { asked, passedOver }: AskedRenewals): void {
  sendJson(response, 202, {
    message: `${String(asked)} users are renewed within minutes, ${String(passedOver.length)} are passed over.`,
    asked,
    ...describePassedOver(passedOver),
  });
}

function acknowledgeAll(edges: RenewalEdges): RequestHandler[] {
  return [
    ...allow(edges, 'service:users:write'),
    async (request, response) => {
      const { project, name } = await requireService(edges, request);
      const order = { project, name, ...originOf(request) };
      const { acknowledged, passedOver } = await edges.acknowledgeService(order);
      sendJson(response, 200, {
        message: `The renewals of ${String(acknowledged.length)} users were acknowledged, ${String(passedOver.length)} are passed over.`,
        acknowledged,
        ...describePassedOver(passedOver),
      });
    },
  ];
}

function revokeOld(edges: RenewalEdges): RequestHandler[] {
  return [
    ...allow(edges, 'service:users:write'),
    readBody,
    async (request, response) => {
      const { user } = await requireUser(edges, request);
      const order = { user, ...readOldRevocation(bodyOf(request)), ...originOf(request) };
      const revoked = await edges.revokeOldCertificates(order);
      sendJson(response, 200, {
        message:
          revoked.length === 0
            ? 'The older certificates were revoked before.'
            : 'The older certificates are revoked; the present one stays.',
        revoked: revoked.map(({ sha256, notAfter }) => ({
          sha256,
          not_valid_after_time: isoTime(notAfter),
        })),
      });
    },
  ];
}
