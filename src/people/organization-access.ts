import type { Request, RequestHandler } from 'express';
import { Failure } from '../failure.js';
import { callerOf } from './caller.js';
import type { OrganizationStore } from './organization-store.js';

/** The form of an id out of a path: what has another form is nowhere on record. */
const idForm = /^[a-z0-9]{1,36}$/;

/**
 * Requires membership in the organisation that the path names, or administration of it. An outsider gets the same
 * answer as for an organisation that is not there.
 */
export function requireOrganization(
  store: Pick<OrganizationStore, 'findMembership'>,
  level: 'member' | 'admin',
): RequestHandler {
  return async (request, _response, next) => {
    const id = organizationIn(request);
    const membership = idForm.test(id)
      ? await store.findMembership(id, callerOf(request).userId)
      : undefined;
    if (!membership) throw new Failure('resource-unknown', 'Organization not found.');
    if (level === 'admin' && !membership.isAdmin) {
      throw new Failure('right-missing', 'Only an admin of the organization may do this.');
    }
    next();
  };
}

/** The organisation of the path. */
export function organizationIn(request: Request): string {
  const id = request.params['organization'];
  if (typeof id !== 'string') throw new Error('the route names no organisation');
  return id;
}

/** The group of the path. Throws the Failure `resource-unknown` for what can be none. */
export function groupIn(request: Request): string {
  const id = request.params['group'];
  if (typeof id === 'string' && idForm.test(id)) return id;
  throw new Failure('resource-unknown', 'Group not found.');
}
