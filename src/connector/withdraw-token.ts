import type { Kysely } from 'kysely';
import type { RecordEvent } from '../authority/audit.js';
import type { Clock } from '../edges.js';
import type { Schema } from '../storage/schema.js';
import { holderName } from './client.js';
import type { TokenStore } from './token-store.js';

/** Ends a token before anybody uses it; false where it was used or withdrawn already, or there is none. */
export type WithdrawToken = (order: {
  /** Not the token itself: 12 hex digits that name it. */
  readonly id: string;
  readonly actor: string;
  readonly requestId?: string | undefined;
}) => Promise<boolean>;

/** It is withdrawn and on the audit log, or neither. */
export function makeWithdrawToken(edges: {
  readonly transaction: <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
  readonly tokens: Pick<TokenStore, 'withdraw'>;
  readonly recordEvent: RecordEvent;
  readonly clock: Clock;
}): WithdrawToken {
  return ({ id, ...origin }) =>
    edges.transaction(async (trx) => {
      const token = await edges.tokens.withdraw(id, edges.clock(), trx);
      if (!token) return false;
      const event = { action: 'token.withdrawn', holder: holderName(token), detail: { token: id } };
      await edges.recordEvent({ ...event, ...origin }, trx);
      return true;
    });
}
