import { join } from 'node:path';
import type { Config } from '../config.js';
import type { RandomBytes } from '../edges.js';
import type { Database } from '../storage/database.js';
import { checkMasterKey, loadMasterKey } from '../storage/master-key.js';
import type { MasterKey } from '../storage/master-key.js';
import type { Stores } from './stores.js';

/** A new master key is only made for a database that was never bound to one: else the old one is missing. */
export async function openMasterKey(input: {
  config: Config;
  database: Database;
  stores: Pick<Stores, 'settings'>;
  random: RandomBytes;
}): Promise<MasterKey> {
  const { config, database, stores, random } = input;
  const isBound = (await stores.settings.find('master_key_check')) !== undefined;
  const masterKey = await loadMasterKey({
    file: config.masterKeyFile ?? join(config.home, 'master.key'),
    mayCreate: !isBound && database.kind === 'sqlite',
    mayBeNew: !isBound,
    random,
  });
  await checkMasterKey({ database, masterKey });
  return masterKey;
}
