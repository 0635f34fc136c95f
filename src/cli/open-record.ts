import { existsSync } from 'node:fs';
import type { Config } from '../config.js';
import type { Clock } from '../edges.js';
import { makeStores } from '../gateway/stores.js';
import type { Stores } from '../gateway/stores.js';
import { StartFault } from '../start-fault.js';
import { openDatabase } from '../storage/database.js';
import type { Database } from '../storage/database.js';

/**
 * Opens the record of a gateway that has been started before, runs `work` on it and closes it. Commands need no
 * private key: they work on the database, beside a running gateway.
 */
export async function withRecord<Result>(
  config: Config,
  clock: Clock,
  work: (stores: Stores) => Promise<Result>,
): Promise<Result> {
  return withDatabase(config, clock, (_database, stores) => work(stores));
}

/** The same for a command that also needs what is not in the stores, such as the master key's check. */
export async function withDatabase<Result>(
  config: Config,
  clock: Clock,
  work: (database: Database, stores: Stores) => Promise<Result>,
): Promise<Result> {
  const file = /^sqlite:(.*)$/.exec(config.databaseUrl)?.[1];
  if (file !== undefined && !existsSync(file)) {
    throw new StartFault(
      `There is no gateway in ${config.home} yet: start one with \`everleaf serve\`, or set EVERLEAF_HOME to its home.`,
    );
  }
  const database = await openDatabase(config.databaseUrl);
  try {
    return await work(database, makeStores(database, clock));
  } finally {
    await database.close();
  }
}
