import type { Kysely } from 'kysely';
import type { Clock, RandomBytes } from '../edges.js';
import { Failure } from '../failure.js';
import type { Schema } from '../storage/schema.js';
import { invalidUserToken } from './authenticate-user.js';
import type { Caller } from './caller.js';
import { addUserToken } from './new-user-token.js';
import type { CreatedUserToken, TokenOrder } from './new-user-token.js';
import type { RecordPeopleEvent } from './people-event.js';
import type { InTransaction } from './record-change.js';
import type { User, UserStore } from './user-store.js';
import type { UserToken, UserTokenStore } from './user-token-store.js';

/** Who asks, by which request. */
export interface Asker {
  readonly caller: Caller;
  readonly requestId: string;
}

/** What users do with their own tokens; `name` is a prefix or a full token. */
export interface ManageUserTokens {
  list(asker: Asker): Promise<UserToken[]>;
  create(asker: Asker, order: TokenOrder): Promise<CreatedUserToken>;
  describe(asker: Asker, name: string, description: string): Promise<UserToken>;
  withdraw(asker: Asker, name: string): Promise<void>;
  /** All of the user's, the one that asks among them; returns how many there were. */
  withdrawAll(asker: Asker): Promise<number>;
}

export interface ManageUserTokensEdges {
  readonly users: UserStore;
  readonly tokens: UserTokenStore;
  /** Whether what the caller came with, a token or a session, counts in the transaction that holds its user. */
  readonly isStillGood: (caller: Caller, user: User, trx: Kysely<Schema>) => Promise<boolean>;
  readonly transaction: InTransaction;
  readonly recordEvent: RecordPeopleEvent;
  readonly random: RandomBytes;
  readonly clock: Clock;
}

/** Each change stands or falls with its audit event. Throws the Failure `resource-unknown` for a name that is nobody's. */
export function makeManageUserTokens(edges: ManageUserTokensEdges): ManageUserTokens {
  const { users, tokens, transaction, random, clock } = edges;
  const record = makeRecord(edges);
  return {
    list: ({ caller }) => tokens.list(caller.userId),
    create: (asker, order) =>
      transaction(async (trx) => {
        const { userId } = asker.caller;
        // Whoever withdraws all tokens holds the user too: what is made here comes before that, or not at all.
        const user = await users.lockActive(userId, trx);
        if (!user || !(await edges.isStillGood(asker.caller, user, trx))) throw invalidUserToken();
        const making = { tokens, random, now: clock(), createdManually: true };
        const created = await addUserToken(userId, order, making, trx);
        const { prefix, description, maxAgeSeconds, extendWhenUsed } = created.token;
        const detail = { token: prefix, description, maxAgeSeconds, extendWhenUsed };
        await record(asker, 'user-token.created', detail, trx);
        return created;
      }),
    describe: (asker, name, description) =>
      transaction(async (trx) => {
        const named = { userId: asker.caller.userId, name };
        const token = await tokens.describe(named, description, trx);
        if (!token) throw unknownToken();
        await record(asker, 'user-token.described', { token: token.prefix, description }, trx);
        return token;
      }),
    withdraw: (asker, name) =>
      transaction(async (trx) => {
        const prefix = await tokens.withdraw({ userId: asker.caller.userId, name }, trx);
        if (prefix === undefined) throw unknownToken();
        await record(asker, 'user-token.withdrawn', { token: prefix }, trx);
      }),
    withdrawAll: (asker) =>
      transaction(async (trx) => {
        const { userId } = asker.caller;
        await users.beginTokenValidity(userId, clock(), trx);
        const count = await tokens.withdrawAll(userId, trx);
        await record(asker, 'user-token.all-withdrawn', { count }, trx);
        return count;
      }),
  };
}

function makeRecord({ recordEvent }: ManageUserTokensEdges) {
  return (
    { caller, requestId }: Asker,
    action: string,
    detail: Readonly<Record<string, unknown>>,
    trx: Parameters<RecordPeopleEvent>[1],
  ): Promise<void> =>
    recordEvent(
      { action, actor: `user:${caller.email}`, holder: caller.email, requestId, detail },
      trx,
    );
}

function unknownToken(): Failure {
  return new Failure(
    'resource-unknown',
    'You have no such token: list them to see their prefixes.',
  );
}
