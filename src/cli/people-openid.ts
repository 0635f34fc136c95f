import { unlinkUser } from '../people/change-user.js';
import { StartFault } from '../start-fault.js';
import type { Command } from './context.js';
import { withRecord } from './open-record.js';
import { findPerson } from './people.js';

/** `everleaf people unlink EMAIL` */
export const unlinkPersonCommand: Command<{ email: string }> = async (
  { config, clock, output, actor },
  { email },
) => {
  const user = await withRecord(config, clock, (stores) =>
    stores.transaction(async (trx) => {
      const found = await findPerson(stores, email, trx);
      if (!(await unlinkUser({ ...stores, clock }, found.id, trx)))
        throw new StartFault(`The user ${found.email} has no OpenID Connect identity.`);
      await stores.recordEvent({ action: 'user.unlinked', actor, holder: found.email }, trx);
      return found;
    }),
  );
  output.show({
    value: { id: user.id, email: user.email },
    text: `The user ${user.email} has no OpenID Connect identity any more; all tokens of the user are withdrawn.\nThe next sign-in with this address, verified by the provider, links the user again; everleaf people disable bars it.`,
  });
};
