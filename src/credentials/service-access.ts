import type { Request, RequestHandler, Response } from 'express';
import { sendJson } from '../http/json-answer.js';
import type { ProjectAuthorities } from '../authority/project-authorities.js';
import type { ProjectRight } from '../people/project-rights.js';
import { projectIn, requireProjectRight } from './project-access.js';
import type { FindRole } from './project-access.js';
import type { SecretsView } from './secrets-view.js';
import { describeService } from './service-answers.js';
import type { ServiceName, ServiceStore } from './service-store.js';
import { describeServiceUser } from './service-user-answers.js';
import type { OpenSecrets } from './service-user-answers.js';
import type { ServiceUserStore } from './service-user-store.js';
import { userUnknown } from './service-user.js';
import type { ServiceUser } from './service-user.js';
import { serviceUnknown } from './service.js';
import type { Service } from './service.js';

/** What every route of services needs. */
export interface ServiceAccess {
  readonly services: Pick<ServiceStore, 'find' | 'list'>;
  readonly users: Pick<ServiceUserStore, 'find' | 'list' | 'listOfProject'>;
  readonly secrets: OpenSecrets;
  readonly authorities: Pick<ProjectAuthorities, 'find'>;
  readonly findRole: FindRole;
  /** Ends with requireCaller. */
  readonly guards: readonly RequestHandler[];
}

/** The guards of a route that asks for a right. */
export function allow(
  { guards, findRole }: Pick<ServiceAccess, 'guards' | 'findRole'>,
  right: ProjectRight,
): RequestHandler[] {
  return [...guards, requireProjectRight(findRole, right)];
}

/** The service that the path names, be it there or not. Throws Failure `resource-unknown` for what can be none. */
export function serviceNameIn(request: Request): ServiceName {
  return { project: projectIn(request), name: textIn(request, 'service') };
}

/** The service of the path. Throws Failure `resource-unknown`. */
export async function requireService(
  { services }: Pick<ServiceAccess, 'services'>,
  request: Request,
): Promise<Service> {
  const service = await services.find(serviceNameIn(request));
  if (!service) throw serviceUnknown();
  return service;
}

/** The user of the path and its service. Throws Failure `resource-unknown`. */
export async function requireUser(
  access: Pick<ServiceAccess, 'services' | 'users'>,
  request: Request,
): Promise<{ readonly service: Service; readonly user: ServiceUser }> {
  const service = await requireService(access, request);
  const { project, name } = service;
  const username = textIn(request, 'username');
  const user = await access.users.find({ project, service: name, username });
  if (!user) throw userUnknown();
  return { service, user };
}

/** Sends a service as it is now, with its users. Throws Failure `resource-unknown`. */
export async function sendService(
  access: Pick<ServiceAccess, 'services' | 'users' | 'secrets' | 'authorities'>,
  response: Response,
  {
    project,
    name,
    view,
    besides = {},
  }: ServiceName & {
    readonly view: SecretsView;
    /** What the answer says besides. */
    readonly besides?: object;
  },
): Promise<void> {
  const { services, users, secrets, authorities } = access;
  const service = await services.find({ project, name });
  if (!service) throw serviceUnknown();
  const ca = await authorities.find(project);
  const own = await users.list({ project, service: name });
  const described = own.map((user) => describeServiceUser(user, view, secrets));
  sendJson(response, 200, { service: describeService(service, described, ca), ...besides });
}

/** PostgreSQL takes no NUL in a text, and no name has one. */
function textIn(request: Request, part: 'service' | 'username'): string {
  const text = request.params[part];
  if (typeof text !== 'string') throw new Error(`the route names no ${part}`);
  if (text.includes('\0')) throw part === 'service' ? serviceUnknown() : userUnknown();
  return text;
}
