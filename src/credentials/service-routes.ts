import { Router } from 'express';
import type { RequestHandler } from 'express';
import { Failure } from '../failure.js';
import { sendJson } from '../http/json-answer.js';
import { bodyOf, readBody } from '../http/read-body.js';
import { mountPath } from '../http/routing.js';
import type { ChangeServices } from './change-services.js';
import { describePassedOver } from './passed-over.js';
import type { PassedOver } from './passed-over.js';
import { projectIn } from './project-access.js';
import { originOf } from './project-routes.js';
import type { FindRenewalSettings } from './renewal-settings.js';
import type { ResetService } from './reset-service.js';
import { viewAfterWriting, viewForReading } from './secrets-view.js';
import type { SecretsMode } from './secrets-view.js';
import { allow, requireService, sendService, serviceNameIn } from './service-access.js';
import type { ServiceAccess } from './service-access.js';
import { describeService } from './service-answers.js';
import { readChangedService, readNewService } from './service-requests.js';
import { describeServiceType, isServiceType, serviceTypeNames } from './service-types.js';
import { describeServiceUser } from './service-user-answers.js';
import { readIdempotencyKey } from './service-user-requests.js';

export interface ServiceEdges extends ServiceAccess {
  readonly changeServices: ChangeServices;
  readonly resetService: ResetService;
  readonly findRenewalSettings: FindRenewalSettings;
  readonly secretsMode: SecretsMode;
}

/** Services of a project. */
export function makeServiceRoutes(edges: ServiceEdges): Router {
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/v1/project/:project/service', {
    get: listServices(edges),
    post: createService(edges),
  });
  mountPath(router, '/v1/project/:project/service/:service', serviceHandlers(edges));
  mountPath(router, '/v1/project/:project/service/:service/credentials/reset', {
    put: resetAll(edges),
  });
  mountServiceTypes(router, edges);
  return router;
}

function listServices(edges: ServiceEdges): RequestHandler[] {
  const { services, users, secrets, secretsMode, authorities } = edges;
  return [
    ...allow(edges, 'project:read'),
    async (request, response) => {
      const view = viewForReading(request, secretsMode);
      const project = projectIn(request);
      const all = await users.listOfProject(project);
      const ca = await authorities.find(project);
      const described = (await services.list(project)).map((service) => {
        const own = all.filter((user) => user.service === service.name);
        return describeService(
          service,
          own.map((user) => describeServiceUser(user, view, secrets)),
          ca,
        );
      });
      sendJson(response, 200, { services: described });
    },
  ];
}

function createService(edges: ServiceEdges): RequestHandler[] {
  return [
    ...allow(edges, 'services:write'),
    readBody,
    async (request, response) => {
      const { name, type, facts } = readNewService(bodyOf(request));
      const project = projectIn(request);
      await edges.changeServices.create({ project, name, type, facts, ...originOf(request) });
      const view = viewAfterWriting(request, edges.secretsMode);
      await sendService(edges, response, { project, name, view });
    },
  ];
}

function serviceHandlers(edges: ServiceEdges): Parameters<typeof mountPath>[2] {
  const { changeServices, secretsMode } = edges;
  return {
    get: [
      ...allow(edges, 'project:read'),
      (request, response) => {
        const view = viewForReading(request, secretsMode);
        return sendService(edges, response, { ...serviceNameIn(request), view });
      },
    ],
    put: [
      ...allow(edges, 'services:write'),
      readBody,
      async (request, response) => {
        const { project, name } = await requireService(edges, request);
        const factsFor = readChangedService(bodyOf(request));
        await changeServices.change({ project, name, factsFor, ...originOf(request) });
        const view = viewAfterWriting(request, secretsMode);
        await sendService(edges, response, { project, name, view });
      },
    ],
    delete: [
      ...allow(edges, 'services:write'),
      async (request, response) => {
        await changeServices.remove({ ...serviceNameIn(request), ...originOf(request) });
        sendJson(response, 200, { message: 'The service was deleted.' });
      },
    ],
  };
}

function resetAll(edges: ServiceEdges): RequestHandler[] {
  return [
    ...allow(edges, 'service:users:write'),
    async (request, response) => {
      const service = await requireService(edges, request);
      const { validitySeconds } = await edges.findRenewalSettings(service);
      const idempotencyKey = readIdempotencyKey(request);
      const order = { service, validitySeconds, idempotencyKey, ...originOf(request) };
      const passedOver = await edges.resetService(order);
      const view = viewAfterWriting(request, edges.secretsMode);
      const besides = passedOver.length === 0 ? {} : describeLeftOut(passedOver);
      await sendService(edges, response, { ...serviceNameIn(request), view, besides });
    },
  ];
}

function describeLeftOut(passedOver: readonly PassedOver[]): object {
  const count = String(passedOver.length);
  return {
    message: `All users were reset but ${count}, whose credentials change by approved rotations alone.`,
    ...describePassedOver(passedOver),
  };
}

/** What `avn service create` asks for first, under its present name and the one before. */
function mountServiceTypes(router: Router, edges: ServiceEdges): void {
  const toRead = allow(edges, 'project:read');
  mountPath(router, '/v1/project/:project/service-types/:type', {
    get: [
      ...toRead,
      (request, response) => {
        const type = request.params['type'];
        if (typeof type !== 'string' || !isServiceType(type)) {
          throw new Failure(
            'resource-unknown',
            'Service type not found: service_types lists them.',
          );
        }
        const described = describeServiceType(type);
        sendJson(response, 200, { ...described, service_types: { [type]: described } });
      },
    ],
  });
  mountPath(router, '/v1/project/:project/service_types', {
    get: [
      ...toRead,
      (_request, response) => {
        const entries = serviceTypeNames.map((name) => [name, describeServiceType(name)] as const);
        sendJson(response, 200, { service_types: Object.fromEntries(entries) });
      },
    ],
  });
}
