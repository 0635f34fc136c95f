import type { Request, RequestHandler } from 'express';
import { Failure } from '../failure.js';
import { contextOf } from '../http/request-context.js';
import { callerOf } from '../people/caller.js';
import { organizationIn, requireOrganization } from '../people/organization-access.js';
import type { OrganizationStore } from '../people/organization-store.js';
import { accessUnknown } from './access.js';
import { rotationUnknown } from './rotation.js';

/** What every route of governance needs. */
export interface GovernanceAccess {
  readonly organizations: Pick<OrganizationStore, 'findMembership'>;
  /** Ends with requireCaller. */
  readonly guards: readonly RequestHandler[];
}

/** The guards of a route for members of the organisation, or for its admins. */
export function allow(
  { organizations, guards }: GovernanceAccess,
  level: 'member' | 'admin',
): RequestHandler[] {
  return [...guards, requireOrganization(organizations, level)];
}

/** Who calls about what, as the operations take it. */
export function orderOf(request: Request): {
  organizationId: string;
  userId: string;
  actor: string;
  requestId: string;
} {
  const { userId, email } = callerOf(request);
  return {
    organizationId: organizationIn(request),
    userId,
    actor: `user:${email}`,
    requestId: contextOf(request).requestId,
  };
}

const idForm = /^[a-z0-9]{1,36}$/;

/** The access of the path. Throws Failure `resource-unknown` for what can be none. */
export function accessIn(request: Request): string {
  const id = request.params['access'];
  if (typeof id !== 'string' || !idForm.test(id)) throw accessUnknown();
  name(request, { access: id });
  return id;
}

/** The request of the path. Throws Failure `resource-unknown` for what can be none. */
export function rotationIn(request: Request): string {
  const id = request.params['rotation'];
  if (typeof id !== 'string' || !idForm.test(id)) throw rotationUnknown();
  name(request, { rotation: id });
  return id;
}

function name(request: Request, named: Readonly<Record<string, string>>): void {
  const context = contextOf(request);
  context.named = { ...context.named, ...named };
}

/** Who looks at a request. Throws Failure `resource-unknown` where the membership has just ended. */
export async function viewerOf(
  { organizations }: GovernanceAccess,
  request: Request,
): Promise<{ userId: string; isAdmin: boolean }> {
  const { userId } = callerOf(request);
  const membership = await organizations.findMembership(organizationIn(request), userId);
  if (!membership) throw new Failure('resource-unknown', 'Organization not found.');
  return { userId, isAdmin: membership.isAdmin };
}
