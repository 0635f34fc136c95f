import type { Kysely } from 'kysely';
import type { Schema } from '../storage/schema.js';

/** What the audit log keeps of people and their tokens; nothing in it is secret. */
export interface PeopleEvent {
  readonly level?: 'info' | 'warning';
  /** `user.signed-in`, `user-token.created`, ...: object, then what befell it. */
  readonly action: string;
  /** `user:EMAIL`, `cli:USER`, `address:IP` or `gateway`. */
  readonly actor: string;
  /** The address of the user whom it concerns. */
  readonly holder?: string | undefined;
  readonly requestId?: string | undefined;
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
}

/** Puts an event on record; inside a transaction when one is given. */
export type RecordPeopleEvent = (event: PeopleEvent, trx?: Kysely<Schema>) => Promise<void>;
