import { chmodSync, closeSync, openSync, statSync } from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';
import { codeOf } from './error-fields.js';
import type { SqliteConnections } from './sqlite-driver.js';

/** Milliseconds for which SQLite may block the event loop when another process holds the lock: while serving, none. */
const busyMs = { opening: 10_000, serving: 0 };

/**
 * FULL makes a commit durable before it is answered; secure_delete leaves no private key in a freed page. Between 8 and
 * 32 MiB of cache, and with a memory map, a renewal costs the same at 10 thousand and at 1 million certificates: the
 * system's page cache serves the rest. 4000 pages of log cost a sixth less CPU than 1000; 16000 save little more and
 * double the longest pause, in which they are moved into the database.
 */
const pragmas: readonly string[] = [
  'synchronous = FULL',
  'foreign_keys = ON',
  'secure_delete = ON',
  'temp_store = MEMORY',
  'cache_size = -16384',
  'mmap_size = 0',
  'wal_autocheckpoint = 4000',
];

/** Opens or creates the file, mode 0600; its write-ahead log takes over the mode. Throws what the system says. */
export function openSqliteFile(path: string): SqliteConnections {
  const writer = openWriter(path);
  try {
    const reader = new BetterSqlite3(path, { timeout: busyMs.serving, readonly: true });
    // Its cache is empty again after each commit, and the larger one is, the longer that takes.
    for (const pragma of ['cache_size = -512', 'mmap_size = 0']) reader.pragma(pragma);
    return { writer, reader };
  } catch (error) {
    writer.close();
    throw error;
  }
}

function openWriter(path: string): BetterSqlite3.Database {
  createPrivate(path);
  const sqlite = new BetterSqlite3(path, { timeout: busyMs.opening, fileMustExist: true });
  try {
    const mode: unknown = sqlite.pragma('journal_mode = WAL', { simple: true });
    if (mode !== 'wal')
      throw new Error('this file system has no write-ahead log: use a local disk');
    for (const pragma of pragmas) sqlite.pragma(pragma);
    sqlite.pragma(`busy_timeout = ${String(busyMs.serving)}`);
    return sqlite;
  } catch (error) {
    sqlite.close();
    throw error;
  }
}

/**
 * Only a file that is not there is opened here: closing any handle of a live database drops the POSIX locks that
 * SQLite holds on it in this process (sqlite.org/howtocorrupt.html 2.2).
 */
function createPrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  }
}
