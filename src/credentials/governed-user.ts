import type { Kysely } from 'kysely';
import { Failure } from '../failure.js';
import type { Schema } from '../storage/schema.js';
import type { ServiceUser, ServiceUserName } from './service-user.js';

type Governed = Pick<ServiceUser, 'username' | 'accessId'>;
type Withheld = Governed & Pick<ServiceUser, 'isWithheld'>;

/** Throws Failure `state-conflict` for a user under governance: its credentials change by an approved rotation alone. */
export function refuseGoverned(user: Governed): void {
  const refusal = refusalOfGoverned(user);
  if (refusal) throw refusal;
}

/** Throws Failure `state-conflict` where the present credentials are shown to nobody. */
export function refuseWithheld(user: Withheld): void {
  const refusal = refusalOfWithheld(user);
  if (refusal) throw refusal;
}

/** What refuseGoverned throws. */
export function refusalOfGoverned({ username, accessId }: Governed): Failure | undefined {
  if (accessId === null) return undefined;
  return new Failure(
    'state-conflict',
    `${username} belongs to an access, so an approved rotation alone changes its credentials: everleaf rotation request ${accessId}.`,
  );
}

/** The id of the access that names a user, be that there or deleted. */
export type FindAccessOf = (
  name: ServiceUserName,
  trx: Kysely<Schema>,
) => Promise<string | undefined>;

/**
 * Throws Failure `state-conflict` for the name of a user that was deleted from under its access: whoever has a
 * certificate with that subject has the rights of the access, and nobody consented to it.
 */
export async function refuseOwnedName(
  name: ServiceUserName,
  findAccessOf: FindAccessOf,
  trx: Kysely<Schema>,
): Promise<void> {
  const accessId = await findAccessOf(name, trx);
  if (accessId === undefined) return;
  throw new Failure(
    'state-conflict',
    `${name.username} is a name of the access ${accessId}, whose user was deleted: choose another name, or let an admin of the organization delete the access first.`,
  );
}

/** What refuseWithheld throws. */
export function refusalOfWithheld(user: Withheld): Failure | undefined {
  const { username, accessId, isWithheld } = user;
  if (!isWithheld) return undefined;
  return new Failure(
    'state-conflict',
    accessId === null
      ? `The credentials of ${username} were made while an access owned it, and are not shown: reset them with everleaf user reset PROJECT SERVICE USER.`
      : `The credentials of ${username} are shown once, by a rotation of its access: everleaf rotation request ${accessId}.`,
  );
}

/** How somebody comes by credentials of a user, in words. */
export function wayToCredentials({ accessId, isWithheld }: Omit<Withheld, 'username'>): string {
  if (accessId !== null) return askForRotation(accessId);
  return isWithheld
    ? 'Ask an operator of the project to reset them: everleaf user reset PROJECT SERVICE USER.'
    : 'Ask an operator of the project for the new credentials: everleaf user download PROJECT SERVICE USER.';
}

/** What the owners of an access do, in words. */
export function askForRotation(accessId: string): string {
  return `A member of the group that owns it asks for a rotation: everleaf rotation request ${accessId}.`;
}
