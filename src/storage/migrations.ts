import { Migrator, sql, type Kysely, type Migration } from 'kysely';
import { firstTables } from './migrations/0001-first-tables.js';
import { rollOver } from './migrations/0002-roll-over.js';
import { revocationLists } from './migrations/0003-revocation-lists.js';
import { peopleAndProjects } from './migrations/0004-people-and-projects.js';
import { governance } from './migrations/0005-governance.js';
import { console } from './migrations/0006-console.js';
import { applicationLists } from './migrations/0007-application-lists.js';
import { signInAddresses } from './migrations/0008-sign-in-addresses.js';
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
    '0002-roll-over': rollOver(columns),
    '0003-revocation-lists': revocationLists(columns),
    '0004-people-and-projects': peopleAndProjects(columns),
    '0005-governance': governance(columns),
    '0006-console': console(columns),
    '0007-application-lists': applicationLists(),
    '0008-sign-in-addresses': signInAddresses(columns),
  };
}

/**
 * Brings the tables up to date in one transaction; processes that start together take turns. Where a newer release
 * has been here, everything that this one needs is there already, and it leaves the tables alone.
 */
export async function migrate(db: Kysely<Schema>, kind: 'sqlite' | 'postgres'): Promise<void> {
  const migrations = allMigrations(columnKinds(kind));
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(migrations) },
  });
  const executed = await executedMigrations(db);
  if (Object.keys(migrations).every((name) => executed.includes(name))) return;
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) rethrow(error);
}

/** As it is: its message is what the start fault tells. */
function rethrow(error: unknown): never {
  throw error;
}

/** None when the table of migrations is not there yet. */
async function executedMigrations(db: Kysely<Schema>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === 'kysely_migration')) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
  return rows.map((row) => row.name);
}
