import { Migrator, sql, type Kysely, type Migration } from 'kysely';
import { StartFault } from '../start-fault.js';
import { firstTables } from './migrations/0001-first-tables.js';
import type { ColumnKinds } from './migrations/column-kinds.js';
import { columnKinds } from './migrations/column-kinds.js';
import type { Schema } from './schema.js';

/**
 * Every migration by its name, in the order in which they run. Forward only: a name once released stays, and the
 * previous release can still read what the next one wrote.
 */
function allMigrations(columns: ColumnKinds): Record<string, Migration> {
  return {
    '0001-first-tables': firstTables(columns),
  };
}

/**
 * Brings the tables up to date in one transaction; processes that start together take turns. Throws a StartFault
 * when a newer release has been here.
 */
export async function migrate(db: Kysely<Schema>, kind: 'sqlite' | 'postgres'): Promise<void> {
  const migrations = allMigrations(columnKinds(kind));
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(migrations) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const newer = (await executedMigrations(db)).filter((name) => !(name in migrations));
  rethrow(error, newer);
}

function rethrow(error: unknown, newer: readonly string[]): never {
  if (newer.length === 0) throw error;
  throw new StartFault(
    `The database was written by a newer release of Everleaf (${newer.join(', ')}): start that release instead`,
    { cause: error },
  );
}

/** None when the table of migrations is not there: then the first error is the one to tell. */
async function executedMigrations(db: Kysely<Schema>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === 'kysely_migration')) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
  return rows.map((row) => row.name);
}
