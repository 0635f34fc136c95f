import { Router } from 'express';
import type { Request, RequestHandler } from 'express';
import { sendJson } from '../http/json-answer.js';
import { readJsonObject } from '../http/json-object.js';
import { bodyOf, readBody } from '../http/read-body.js';
import { mountPath } from '../http/routing.js';
import { describeCaRotation } from './ca-rotation-answers.js';
import { stepOrder, trustReport } from './ca-rotation-requests.js';
import type { FindCaRotation } from './find-ca-rotation.js';
import type { PrepareProjectCa } from './prepare-project-ca.js';
import { projectIn } from './project-access.js';
import { originOf } from './project-routes.js';
import type { ReportTrustUpdate } from './report-trust-update.js';
import { viewAfterWriting } from './secrets-view.js';
import type { SecretsMode } from './secrets-view.js';
import { allow, sendService, serviceNameIn } from './service-access.js';
import type { ServiceAccess } from './service-access.js';
import type { StepProjectCa } from './step-project-ca.js';

interface CaRotationEdges extends ServiceAccess {
  readonly caRotations: {
    readonly find: FindCaRotation;
    readonly prepare: PrepareProjectCa;
    readonly step: StepProjectCa;
    readonly reportTrustUpdate: ReportTrustUpdate;
  };
  readonly secretsMode: SecretsMode;
}

/** The roll-over of a project's CA: members see how far it is, admins lead it, services report. */
export function makeCaRotationRoutes(edges: CaRotationEdges): Router {
  const { caRotations } = edges;
  const router = Router({ strict: true, caseSensitive: true });
  const sendRotation: RequestHandler = async (request, response) => {
    const rotation = await caRotations.find(projectIn(request));
    sendJson(response, 200, { rotation: describeCaRotation(rotation) });
  };
  mountPath(router, '/v1/project/:project/ca/rotation', {
    get: [...allow(edges, 'project:read'), sendRotation],
    post: [...allow(edges, 'project:write'), readBody, takeStep(edges), sendRotation],
  });
  mountPath(router, '/v1/project/:project/service/:service/trust_update', {
    put: [
      ...allow(edges, 'services:write'),
      readBody,
      async (request, response) => {
        const { phase } = readJsonObject(bodyOf(request), trustReport);
        const named = serviceNameIn(request);
        await caRotations.reportTrustUpdate({ ...named, phase, ...originOf(request) });
        const view = viewAfterWriting(request, edges.secretsMode);
        await sendService(edges, response, { ...named, view });
      },
    ],
  });
  return router;
}

function takeStep({ caRotations }: CaRotationEdges): RequestHandler {
  return async (request: Request, _response, next) => {
    const { step, force } = readJsonObject(bodyOf(request), stepOrder);
    const order = { project: projectIn(request), ...originOf(request) };
    if (step === 'prepare') await caRotations.prepare(order);
    else await caRotations.step({ ...order, step, isForced: force === true });
    next();
  };
}
