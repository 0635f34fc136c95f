import { copyFileSync, existsSync, renameSync } from 'node:fs';
import { openDatabase } from '../../src/storage/database.js';

/**
 * Puts an embedded database with all tables and nothing in them where there is none yet. The copy is there sooner than
 * its migrations are done; whoever comes first of all test files makes what is copied.
 */
export async function copyMigrated(path: string): Promise<void> {
  const migrated = process.env['EVERLEAF_TEST_MIGRATED'];
  if (migrated === undefined) return; // there is no folder for the whole run: the first that opens it makes them
  if (!existsSync(migrated)) {
    const own = `${migrated}-${String(process.pid)}`;
    await (await openDatabase(`sqlite:${own}`)).close();
    renameSync(own, migrated);
  }
  copyFileSync(migrated, path);
}
