import type { Request, RequestHandler } from 'express';
import { Failure } from '../failure.js';
import { callerOf } from '../people/caller.js';
import type { Caller } from '../people/caller.js';
import type { ProjectRight } from '../people/project-rights.js';
import { roleHas } from '../people/project-rights.js';
import type { ProjectRole } from '../storage/schema.js';

/** The role of a caller in a project; undefined for an outsider and for a project that is not there. */
export type FindRole = (
  project: string,
  caller: Pick<Caller, 'userId' | 'email'>,
) => Promise<ProjectRole | undefined>;

const roles = new WeakMap<Request, ProjectRole>();

/**
 * Requires a right in the project that the path names. An outsider gets the same answer as for a project that is not
 * there, so that names do not leak.
 */
export function requireProjectRight(findRole: FindRole, right: ProjectRight): RequestHandler {
  return async (request, _response, next) => {
    const role = await findRole(projectIn(request), callerOf(request));
    if (role === undefined) throw new Failure('project-unknown', 'Project not found.');
    if (!roleHas(role, right)) {
      throw new Failure('right-missing', `Your role in this project does not include ${right}.`);
    }
    roles.set(request, role);
    next();
  };
}

/** Whether the caller, whom requireProjectRight let in, has another right too. */
export function hasProjectRight(request: Request, right: ProjectRight): boolean {
  const role = roles.get(request);
  if (role === undefined) throw new Error('a route asked for a right that was not required');
  return roleHas(role, right);
}

/** The project of the path. */
export function projectIn(request: Request): string {
  const name = request.params['project'];
  if (typeof name !== 'string') throw new Error('the route names no project');
  return name;
}
