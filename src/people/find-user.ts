import type { Kysely } from 'kysely';
import { Failure } from '../failure.js';
import type { Schema } from '../storage/schema.js';

/** The id of the user with an address in lower case; undefined where there is none. */
export type FindUser = (email: string, executor?: Kysely<Schema>) => Promise<string | undefined>;

/** By the unique index of addresses. */
export function makeFindUser(db: Kysely<Schema>): FindUser {
  return async (email, executor = db) => {
    const row = await executor
      .selectFrom('users')
      .select('id')
      .where('email', '=', email)
      .executeTakeFirst();
    return row?.id;
  };
}

const emailForm = /^[^\s@\p{Cc}\p{Cf}\p{Cs}]{1,64}@[^\s@\p{Cc}\p{Cf}\p{Cs}]{1,189}$/u;

/** Whether a text can be an address of mail: enough to find and to show one, not to deliver to it. */
export function isEmail(text: string): boolean {
  return emailForm.test(text);
}

/** An address as the record keeps it: lower case. Throws the Failure `field-invalid` for what can be none. */
export function readEmail(text: string): string {
  if (isEmail(text)) return text.toLowerCase();
  throw new Failure('field-invalid', 'An address looks like name@example.com.');
}
