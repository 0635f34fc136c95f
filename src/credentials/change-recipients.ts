import type { Kysely } from 'kysely';
import type { RecordEvent } from '../authority/audit.js';
import { Failure } from '../failure.js';
import type { ChangeOrigin, InTransaction } from '../people/record-change.js';
import type { Schema } from '../storage/schema.js';
import type { ServiceUser } from './service-user.js';

export type ChangeRecipients = (
  order: ChangeOrigin & { readonly user: ServiceUser; readonly recipients: readonly string[] },
) => Promise<ServiceUser>;

/** Sets who else hears of one user. Throws Failure `state-conflict` where somebody changed them since they were read. */
export function makeChangeRecipients(edges: {
  readonly transaction: InTransaction;
  readonly recordEvent: RecordEvent;
}): ChangeRecipients {
  return async ({ user, recipients, ...origin }) => {
    const { project, service, username } = user;
    const change = { user, to: JSON.stringify(recipients) };
    if (change.to === JSON.stringify(user.recipients)) return user;
    await edges.transaction(async (trx) => {
      if (!(await replaceRecipients(trx, change)))
        throw new Failure('state-conflict', `${username} has changed meanwhile: look again.`);
      const detail = { username, recipients };
      const action = 'service-user.recipients-changed';
      await edges.recordEvent({ action, project, service, detail, ...origin }, trx);
    });
    return { ...user, recipients };
  };
}

async function replaceRecipients(
  trx: Kysely<Schema>,
  { user, to }: { readonly user: ServiceUser; readonly to: string },
): Promise<boolean> {
  const result = await trx
    .updateTable('service_users')
    .set({ recipients: to })
    .where('id', '=', user.id)
    .where('recipients', '=', JSON.stringify(user.recipients))
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}
