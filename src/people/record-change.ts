import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.js';

/** Who changes something, as the audit log names it, and by which request. */
export interface ChangeOrigin {
  readonly actor: string;
  readonly requestId?: string | undefined;
}

/** Puts a change on record in the transaction that makes it, so that both stand or fall together. */
export type RecordChange = (
  event: ChangeOrigin & {
    readonly action: string;
    readonly project?: string | undefined;
    readonly detail: Readonly<Record<string, unknown>>;
  },
  trx: Kysely<Schema>,
) => Promise<void>;

/** All of `work` is recorded, or nothing. */
export type InTransaction = <T>(work: (trx: Kysely<Schema>) => Promise<T>) => Promise<T>;
