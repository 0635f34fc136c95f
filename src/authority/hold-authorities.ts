import type { Kysely } from 'kysely';
import { lockRows } from '../storage/row-lock.js';
import type { Schema } from '../storage/schema.js';

/** The authorities of the gateway itself: of applications, runtimes and its own server certificate. */
export const gatewayPurpose = 'gateway';

const prefixOfProjects = 'project:';

/** The authorities of one project: of its services' users. */
export function purposeOfProject(project: string): string {
  return `${prefixOfProjects}${project}`;
}

/** The project of such authorities; undefined where they are not of one. */
export function projectOfPurpose(purpose: string): string | undefined {
  return purpose.startsWith(prefixOfProjects) ? purpose.slice(prefixOfProjects.length) : undefined;
}

/**
 * Holds the authorities of one purpose until the transaction ends. Of two changes of the active one at once the second
 * then sees what the first made of it, and none of them can end with two active ones or none. No certificate is adopted
 * meanwhile.
 */
export async function holdAuthorities(trx: Kysely<Schema>, purpose: string): Promise<void> {
  const rows = trx
    .selectFrom('authorities')
    .select('id')
    .where('purpose', '=', purpose)
    .orderBy('id');
  await lockRows(trx, rows).execute();
}
