import { join } from 'node:path';
import { addUser, drawUser } from '../people/add-user.js';
import { addFirstOrganization } from '../people/first-organization.js';
import { writePrivateFile } from '../storage/private-file.js';
import type { Foundation } from './foundation.js';

/**
 * The first start on a database makes its first organisation and the user who administers it, and keeps the password
 * in `admin.password`; of several replicas one does. Returns the file when it was made now.
 */
export async function makeFirstUser({
  config,
  stores,
  clock,
  random,
}: Pick<Foundation, 'config' | 'stores' | 'clock' | 'random'>): Promise<string | undefined> {
  if ((await stores.settings.find('first_user')) !== undefined) return undefined;
  const person = { email: config.adminEmail, realName: 'Administrator' };
  const { user: drawn, password } = await drawUser(person, { clock, random });
  const user = { ...drawn, gatewayRole: 'administrator' } as const;
  const file = join(config.home, 'admin.password');
  return stores.transaction(async (trx) => {
    if (!(await stores.settings.claim('first_user', user.id, trx))) return undefined;
    const organization = { name: config.subject.O, now: clock(), random };
    const organizationId = await addFirstOrganization(organization, trx);
    await addUser(stores.users, { user, organizationId, isAdmin: true }, trx);
    await stores.recordEvent(
      { action: 'user.added', actor: 'gateway', holder: user.email, detail: { isAdmin: true } },
      trx,
    );
    // Before the commit, as the administrator's access token: a crash leaves a file that opens nothing.
    await writePrivateFile(file, `${password}\n`);
    return file;
  });
}
