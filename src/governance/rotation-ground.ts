import { hash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { ServiceStore } from '../credentials/service-store.js';
import type { ServiceUserStore } from '../credentials/service-user-store.js';
import type { CurrentPair, ServiceUser } from '../credentials/service-user.js';
import { hasCertificates } from '../credentials/service.js';
import type { Service } from '../credentials/service.js';
import { Failure } from '../failure.js';
import type { OrganizationStore } from '../people/organization-store.js';
import type { Schema } from '../storage/schema.js';
import { accessUnknown } from './access.js';
import type { Access } from './access.js';
import type { AccessStore } from './access-store.js';
import { readOwnerGroup } from './owner-group-store.js';
import type { OwnerGroup } from './owner-group-store.js';
import type { Rotation } from './rotation.js';

/** An access, those who own it, and the service user whose credentials it is about. */
export interface AccessGround {
  readonly access: Access;
  readonly group: OwnerGroup;
  /** Undefined where it was deleted, be there another of its name. */
  readonly user: ServiceUser | undefined;
  readonly service: Service | undefined;
}

export interface GroundEdges {
  readonly organizations: Pick<OrganizationStore, 'lock'>;
  readonly accesses: Pick<AccessStore, 'find'>;
  readonly users: Pick<ServiceUserStore, 'find'>;
  readonly services: Pick<ServiceStore, 'find'>;
}

interface AccessName {
  readonly organizationId: string;
  readonly accessId: string;
}

/**
 * Reads it in a transaction, and holds the organisation until that ends: membership stays as it was read. Throws Failure
 * `resource-unknown`.
 */
export async function holdGround(
  edges: GroundEdges,
  name: AccessName,
  trx: Kysely<Schema>,
): Promise<AccessGround> {
  if (!(await edges.organizations.lock(name.organizationId, trx))) throw accessUnknown();
  return readGround(edges, name, trx);
}

/** The same without holding anything. */
export async function readGround(
  { accesses, users, services }: GroundEdges,
  { organizationId, accessId }: AccessName,
  executor: Kysely<Schema>,
): Promise<AccessGround> {
  const access = await accesses.find({ organizationId, id: accessId }, executor);
  if (!access) throw accessUnknown();
  const { project, service: name } = access.user;
  const user = await users.find(access.user, executor);
  return {
    access,
    group: await readOwnerGroup(access.ownerGroupId, executor),
    user: user?.id === access.user.id ? user : undefined,
    service: await services.find({ project, name }, executor),
  };
}

/** The user whose credentials can be rotated. Throws Failure `state-conflict` where they cannot, and says why. */
export function requireRotatable({ access, user, service }: AccessGround): {
  readonly user: ServiceUser & { readonly pair: CurrentPair };
  readonly service: Service;
} {
  const { username, project, service: name } = access.user;
  const conflict = (sentence: string) => new Failure('state-conflict', sentence);
  if (!user || !service)
    throw conflict(
      `The service user ${username} of ${project}/${name} was deleted: an admin of the organization has to delete the access, and make another one.`,
    );
  if (!hasCertificates(service))
    throw conflict(
      `The users of ${project}/${name} have no certificates: let the service have certificates first.`,
    );
  if (!user.pair)
    throw conflict(
      `${username} has no certificate: delete the access, reset the credentials, and make the access again.`,
    );
  return { user: { ...user, pair: user.pair }, service };
}

/**
 * SHA-256 of all that an approver is shown: whoever approves sends it back, so that nobody approves what has changed
 * meanwhile.
 */
export function digestOf({ access, group, user }: AccessGround, rotation: Rotation): string {
  const shown = {
    access,
    group: {
      id: group.id,
      name: group.name,
      members: group.members.map(({ userId, email }) => [userId, email]),
    },
    rotation: {
      id: rotation.id,
      requesterId: rotation.requesterId,
      message: rotation.message,
      revokeOld: rotation.revokeOld,
      createdAt: rotation.createdAt,
      lapsesAt: rotation.lapsesAt,
    },
    certificate: user?.pair?.sha256 ?? null,
  };
  return hash('sha256', JSON.stringify(shown));
}
