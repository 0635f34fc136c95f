import { Failure } from '../failure.js';
import type { OrganizationStore } from '../people/organization-store.js';

/**
 * The organisation in which a user may create a project: the one that it names, or the only one that it administers.
 * Throws a Failure where there is none.
 */
export async function chooseOrganization(
  organizations: Pick<OrganizationStore, 'listOf'>,
  userId: string,
  named: string | undefined,
): Promise<string> {
  const own = await organizations.listOf(userId);
  const administered = own.filter(({ isAdmin }) => isAdmin);
  if (named === undefined) {
    const [only, another] = administered;
    if (another) {
      throw new Failure(
        'field-invalid',
        'organization_id has to name one of the organizations that you administer.',
      );
    }
    if (!only) throw notAdmin();
    return only.id;
  }
  if (!own.some(({ id }) => id === named))
    throw new Failure('resource-unknown', 'Organization not found.');
  if (!administered.some(({ id }) => id === named)) throw notAdmin();
  return named;
}

function notAdmin(): Failure {
  return new Failure('right-missing', 'Only an admin of the organization may create projects.');
}
