import { Failure } from '../failure.js';
import type { ServiceUserName } from '../credentials/service-user.js';

/** What a service user may do with the topic of this very name. */
export interface AclEntry {
  readonly id: string;
  /** Name of the topic, literal. */
  readonly resourceName: string;
  readonly operation: 'Read' | 'Write';
  readonly host: string;
}

/** A service user with its rights, owned by a group: its credentials change with the consent of two of its members. */
export interface Access {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly ownerGroupId: string;
  readonly user: ServiceUserName & { readonly id: string };
  readonly acls: readonly AclEntry[];
  /** Id of the person who made it. */
  readonly createdBy: string;
  /** Seconds UTC. */
  readonly createdAt: number;
}

/** The refusal of what names no access. */
export function accessUnknown(): Failure {
  return new Failure('resource-unknown', 'Access not found.');
}
