import type { Kysely } from 'kysely';
import { Failure } from '../failure.js';
import type { Schema } from '../storage/schema.js';
import type { RecordPeopleEvent } from './people-event.js';
import type { ChangeOrigin, InTransaction } from './record-change.js';
import type { Role } from './roles.js';
import type { UserStore } from './user-store.js';

/** What a user is on the gateway itself from now on. Throws Failure `resource-unknown`, `state-conflict`. */
export type ChangeGatewayRole = (
  order: ChangeOrigin & { readonly email: string; readonly role: Role | null },
) => Promise<void>;

/** Each change stands or falls with its audit event; one administrator who may sign in stays in any case. */
export function makeChangeGatewayRole(edges: {
  readonly transaction: InTransaction;
  readonly users: Pick<UserStore, 'findByEmail' | 'lockAdministrators' | 'setGatewayRole'>;
  readonly recordEvent: RecordPeopleEvent;
}): ChangeGatewayRole {
  const { transaction, users, recordEvent } = edges;
  return ({ email, role, ...origin }) =>
    transaction(async (trx) => {
      const user = await users.findByEmail(email.toLowerCase(), trx);
      if (!user)
        throw new Failure('resource-unknown', `There is no user with the address ${email}.`);
      if (role !== 'administrator') await requireAnotherAdministrator(users, user.id, trx);
      if (!(await users.setGatewayRole(user.id, role, trx))) {
        const what = role === null ? 'has no role' : `is ${role}`;
        throw new Failure('state-conflict', `The user ${user.email} ${what} already.`);
      }
      const detail = { from: user.gatewayRole ?? 'none', to: role ?? 'none' };
      const event = { action: 'user.role-changed', holder: user.email, ...origin, detail };
      await recordEvent(event, trx);
    });
}

/** Holds the administrators until the transaction ends. Throws Failure `state-conflict` where this is the only one. */
export async function requireAnotherAdministrator(
  users: Pick<UserStore, 'lockAdministrators'>,
  userId: string,
  trx: Kysely<Schema>,
): Promise<void> {
  const administrators = await users.lockAdministrators(trx);
  if (!administrators.includes(userId) || administrators.length > 1) return;
  throw new Failure(
    'state-conflict',
    'This is the only administrator of the gateway: make another one first.',
  );
}
