import type { Kysely } from 'kysely';
import type { Schema } from './schema.js';

/** Facts about the installation itself, by name. */
export interface SettingsStore {
  find(name: string): Promise<string | undefined>;
  /** Writes it over an older value. */
  set(name: string, value: string): Promise<void>;
  /** Whether this call was the first to write it. */
  claim(name: string, value: string, trx?: Kysely<Schema>): Promise<boolean>;
}

/** The SQL of settings. */
export function makeSettingsStore(db: Kysely<Schema>): SettingsStore {
  return {
    find: async (name) => {
      const row = await db
        .selectFrom('settings')
        .select('value')
        .where('name', '=', name)
        .executeTakeFirst();
      return row?.value;
    },
    set: async (name, value) => {
      await db
        .insertInto('settings')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
        .execute();
    },
    claim: async (name, value, trx = db) => {
      const result = await trx
        .insertInto('settings')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .executeTakeFirst();
      return result.numInsertedOrUpdatedRows === 1n;
    },
  };
}
