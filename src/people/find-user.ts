import type { Kysely } from 'kysely';
import { emailAddressRule, readEmailAddress } from '../email-address.js';
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

/** An address as the record keeps it: lower case. Throws the Failure `field-invalid` for what can be none. */
export function readEmail(text: string): string {
  const email = readEmailAddress(text);
  if (email !== undefined) return email;
  throw new Failure('field-invalid', `The address ${emailAddressRule}.`);
}
