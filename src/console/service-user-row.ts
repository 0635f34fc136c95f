import type { ServiceUser } from '../credentials/service-user.js';
import type { ListedUser } from '../credentials/user-list-store.js';
import type { Access } from '../governance/access.js';
import { consolePath } from './console-urls.js';
import type { Badge } from './pieces.js';

/** A service user as its pages show it; no secret is in it. Times in seconds UTC. */
export interface UserRow {
  readonly name: string;
  readonly path: string;
  readonly badges: readonly Badge[];
  readonly notAfter: number | undefined;
  /** Of the certificate before, while the renewal waits for its acknowledgement. */
  readonly oldNotAfter: number | undefined;
  /** What may be shown and downloaded here. */
  readonly hasCertificate: boolean;
  readonly hasKey: boolean;
  /** Its holder made the key, and has it alone. */
  readonly isKeyElsewhere: boolean;
  /** The access that owns it. */
  readonly access: { readonly name: string; readonly href: string } | undefined;
  readonly isWithheld: boolean;
}

/** What a page of service users looks at besides the users. */
export interface RowGround {
  readonly now: number;
  readonly findAccess: (user: ServiceUser) => Promise<Access | undefined>;
}

/** Reads the name of the access for users that one owns. */
export async function userRow(listed: ListedUser, ground: RowGround): Promise<UserRow> {
  const { user } = listed;
  const { username, pair, pending, isWithheld } = user;
  const hasCertificate = pair !== undefined && !isWithheld;
  return {
    name: username,
    path: userPath(user),
    badges: badgesOf(listed, ground.now),
    notAfter: pair?.notAfter,
    oldNotAfter: pending?.oldNotAfter,
    hasCertificate,
    hasKey: hasCertificate && pair.sealedKey !== null,
    isKeyElsewhere: pair?.sealedKey === null,
    access: await accessOf(user, ground),
    isWithheld,
  };
}

/** Where the pages of a service user are. */
export function userPath({
  project,
  service,
  username,
}: Pick<ServiceUser, 'project' | 'service' | 'username'>): string {
  return consolePath`/projects/${project}/services/${service}/users/${username}`;
}

async function accessOf(user: ServiceUser, { findAccess }: RowGround): Promise<UserRow['access']> {
  if (user.accessId === null) return undefined;
  const access = await findAccess(user);
  if (!access) return { name: user.accessId, href: '/governance' };
  return { name: access.name, href: consolePath`/governance/${access.organizationId}` };
}

function badgesOf({ user: { pair, pending }, isRevoked }: ListedUser, now: number): Badge[] {
  const expiring: Badge[] = pending ? [{ text: 'Expiring', kind: 'soon' }] : [];
  if (!pair) return [{ text: 'No certificate', kind: 'quiet' }, ...expiring];
  if (isRevoked) return [{ text: 'Revoked', kind: 'bad' }, ...expiring];
  if (pair.notAfter <= now) return [{ text: 'Expired', kind: 'bad' }, ...expiring];
  return pending ? expiring : [{ text: 'Valid', kind: 'good' }];
}
