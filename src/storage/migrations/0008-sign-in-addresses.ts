import type { Kysely, Migration } from 'kysely';
import type { ColumnKinds } from './column-kinds.js';

/** From where users have signed in with their passwords. */
export function signInAddresses(columns: ColumnKinds): Migration {
  const { text, whole, strict } = columns;
  return {
    async up(db: Kysely<unknown>) {
      await strict(
        db.schema
          .createTable('sign_in_addresses')
          .addColumn('user_id', text, (column) => column.notNull().references('users.id'))
          .addColumn('address', text, (column) => column.notNull())
          .addColumn('last_at', whole, (column) => column.notNull())
          .addPrimaryKeyConstraint('sign_in_addresses_key', ['user_id', 'address']),
      ).execute();
    },
  };
}
