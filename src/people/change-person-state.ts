import type { Clock } from '../edges.js';
import { Failure } from '../failure.js';
import { disableUser } from './change-user.js';
import type { RecordPeopleEvent } from './people-event.js';
import type { ChangeOrigin, InTransaction } from './record-change.js';
import type { User, UserStore } from './user-store.js';
import type { UserTokenStore } from './user-token-store.js';

/** Bars a user, tokens and sessions included, or lets the user in again. Throws Failure `state-conflict`. */
export type ChangePersonState = (
  order: ChangeOrigin & {
    readonly user: Pick<User, 'id' | 'email'>;
    readonly state: User['state'];
  },
) => Promise<void>;

/** Each change stands or falls with its audit event. */
export function makeChangePersonState(edges: {
  readonly transaction: InTransaction;
  readonly users: UserStore;
  readonly userTokens: Pick<UserTokenStore, 'withdrawAll'>;
  readonly recordEvent: RecordPeopleEvent;
  readonly clock: Clock;
}): ChangePersonState {
  const { transaction, users, recordEvent } = edges;
  return ({ user, state, ...origin }) =>
    transaction(async (trx) => {
      const isChanged =
        state === 'disabled'
          ? await disableUser(edges, user.id, trx)
          : await users.setState(user.id, state, trx);
      if (!isChanged)
        throw new Failure('state-conflict', `The user ${user.email} is ${state} already.`);
      const action = state === 'disabled' ? 'user.disabled' : 'user.enabled';
      await recordEvent({ action, holder: user.email, ...origin }, trx);
    });
}
