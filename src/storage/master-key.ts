import { createSecretKey } from 'node:crypto';
import type { RandomBytes } from '../edges.js';
import { StartFault } from '../start-fault.js';
import type { Database } from './database.js';
import { codeOf } from './error-fields.js';
import { createMasterKeyFile, readMasterKeyFile } from './master-key-file.js';
import { makeSealing, type SealedPlace, type Sealing } from './sealing.js';

/** The gateway's own key: seals what must be kept but must not show in the database. */
export type MasterKey = Sealing;

interface LoadMasterKeyInput {
  readonly file: string;
  /** With an embedded database the first start makes the file; replicas must be given theirs. */
  readonly mayCreate: boolean;
  /** Whether the database was never used with a master key: then a new one would do. */
  readonly mayBeNew: boolean;
  readonly random: RandomBytes;
}

/** Reads the master key, or makes it where that is allowed. Throws a StartFault that names the file and the remedy. */
export async function loadMasterKey(input: LoadMasterKeyInput): Promise<MasterKey> {
  const { file, mayCreate, mayBeNew, random } = input;
  let bytes = await readOrFault(file, { absentIsFine: mayCreate, mayBeNew });
  if (bytes === undefined) {
    await createOrFault(file, random);
    bytes = await readOrFault(file, { absentIsFine: false, mayBeNew });
  }
  if (bytes === undefined)
    throw new StartFault(`The master key file ${file} vanished: start again`);
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return makeSealing(key, random);
}

async function readOrFault(
  file: string,
  { absentIsFine, mayBeNew }: { readonly absentIsFine: boolean; readonly mayBeNew: boolean },
): Promise<Buffer | undefined> {
  try {
    return await readMasterKeyFile(file);
  } catch (error) {
    if (error instanceof StartFault) throw error;
    const isAbsent = codeOf(error) === 'ENOENT';
    if (isAbsent && absentIsFine) return undefined;
    const another = mayBeNew ? ', or make one with `openssl rand -base64 32`' : '';
    const remedy = isAbsent
      ? `is missing: copy it from the first gateway or its backup${another}`
      : 'cannot be read: make it readable for the user that runs Everleaf, and for nobody else';
    throw new StartFault(`The master key file ${file} ${remedy}`, { cause: error });
  }
}

async function createOrFault(file: string, random: RandomBytes): Promise<void> {
  try {
    await createMasterKeyFile(file, random);
  } catch (error) {
    throw new StartFault(
      `The master key file ${file} cannot be made: its directory has to exist and be writable`,
      { cause: error },
    );
  }
}

const setting = 'master_key_check';
const place: SealedPlace = { table: 'settings', row: setting, purpose: 'check' };
const expected = Buffer.from('everleaf');

interface CheckMasterKeyInput {
  readonly database: Pick<Database, 'db'>;
  readonly masterKey: MasterKey;
}

/** Binds the database to the first master key it meets. Throws a StartFault when this one is another. */
export async function checkMasterKey({ database, masterKey }: CheckMasterKeyInput): Promise<void> {
  // Inserted by whoever comes first; a second replica's value is left out and the first one's is read.
  await database.db
    .insertInto('settings')
    .values({ name: setting, value: masterKey.seal(expected, place) })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
  const { value } = await database.db
    .selectFrom('settings')
    .select('value')
    .where('name', '=', setting)
    .executeTakeFirstOrThrow();
  try {
    if (expected.equals(masterKey.unseal(value, place))) return;
  } catch (error) {
    throw doesNotFit({ cause: error });
  }
  throw doesNotFit();
}

function doesNotFit(options?: { readonly cause: unknown }): StartFault {
  return new StartFault(
    'The master key is not the one this database was started with: restore that file (EVERLEAF_MASTER_KEY_FILE)',
    options,
  );
}
