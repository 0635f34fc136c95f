import { afterAll, afterEach, describe, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openDatabase } from '../../src/storage/database.js';
import { copyMigrated } from './migrated-sqlite.js';

/**
 * One database of its own for a test, with nothing on record; removed after the test, which has to close its
 * connections. `hasTables` false: the first that opens it makes them.
 */
export type FreshDatabase = (options?: {
  readonly hasTables?: boolean;
}) => Promise<{ readonly url: string }>;

/** Runs the block once on SQLite and once on the PostgreSQL that global-setup.ts has started. */
export function describeOnEachDatabase(name: string, block: (fresh: FreshDatabase) => void): void {
  describe(`${name} (SQLite)`, () => {
    block(freshSqlite());
  });
  describe(`${name} (PostgreSQL)`, () => {
    const adminUrl = postgresUrl();
    if (adminUrl !== undefined) block(freshPostgres(adminUrl));
    else it.skip('there is no PostgreSQL on this machine', () => undefined);
  });
}

/** The block with PostgreSQL alone, for what SQLite does not have. */
export function describeOnPostgres(name: string, block: (fresh: FreshDatabase) => void): void {
  const adminUrl = postgresUrl();
  if (adminUrl === undefined) describe.skip(name, () => undefined);
  else
    describe(name, () => {
      block(freshPostgres(adminUrl));
    });
}

/** A directory of its own for each call, mode 0700, removed after the test. */
export function temporaryDirectories(): () => string {
  const made: string[] = [];
  afterEach(() => {
    for (const directory of made.splice(0)) {
      chmodSync(directory, 0o700);
      rmSync(directory, { recursive: true });
    }
  });
  return () => {
    const directory = mkdtempSync(join(tmpdir(), 'everleaf-'));
    made.push(directory);
    return directory;
  };
}

function freshSqlite(): FreshDatabase {
  const directory = temporaryDirectories();
  return async ({ hasTables = true } = {}) => {
    const file = join(directory(), 'everleaf.db');
    if (hasTables) await copyMigrated(file);
    return { url: `sqlite:${file}` };
  };
}

function freshPostgres(adminUrl: string): FreshDatabase {
  const admin = new pg.Pool({ connectionString: adminUrl, max: 1 });
  const made: string[] = [];
  afterEach(async () => {
    for (const name of made.splice(0)) await admin.query(`drop database ${name} with (force)`);
  });
  afterAll(() => admin.end());
  return async ({ hasTables = true } = {}) => {
    const name = `test_${randomUUID().replaceAll('-', '')}`;
    if (hasTables) await requireTemplate(admin, adminUrl);
    const template = hasTables ? migrated : 'template0';
    await admin.query(`create database ${name} template ${template}`);
    made.push(name);
    return { url: adminUrl.replace(/\/postgres$/, `/${name}`) };
  };
}

/** A database with all tables and nothing in them: a copy of it is there sooner than its migrations are done. */
const migrated = 'everleaf_migrated';

/** Made by whoever comes first of all test files. */
async function requireTemplate(admin: pg.Pool, adminUrl: string): Promise<void> {
  const client = await admin.connect();
  try {
    await client.query('select pg_advisory_lock(1)');
    const known = await client.query('select 1 from pg_database where datname = $1', [migrated]);
    if (known.rowCount !== 0) return;
    await client.query(`create database ${migrated} template template0`);
    const database = await openDatabase(adminUrl.replace(/\/postgres$/, `/${migrated}`));
    await database.close();
  } finally {
    await client.query('select pg_advisory_unlock(1)');
    client.release();
  }
}

function postgresUrl(): string | undefined {
  const url = process.env['EVERLEAF_TEST_POSTGRES_URL'];
  if (url !== undefined) return url;
  const reason = 'no PostgreSQL for the tests: neither binaries nor EVERLEAF_TEST_POSTGRES_URL';
  if (process.env['CI'] !== undefined) throw new Error(reason);
  console.warn(`SKIPPED: ${reason}`);
  return undefined;
}
