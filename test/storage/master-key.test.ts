import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { StartFault } from '../../src/start-fault.js';
import { openDatabase } from '../../src/storage/database.js';
import { checkMasterKey, loadMasterKey } from '../../src/storage/master-key.js';
import { describeOnEachDatabase, temporaryDirectories } from '../support/databases.js';
import { runTogether } from './run-together.js';

const place = { table: 'authorities', row: 'a1', purpose: 'key' };
const secret = Buffer.from('a private key');

describe('loadMasterKey', () => {
  const directory = temporaryDirectories();
  const load = (file: string, mayCreate = true) =>
    loadMasterKey({ file, mayCreate, mayBeNew: true, random: randomBytes });

  it('makes one line of base64 for the owner only, and nothing beside it', async () => {
    const home = directory();
    const file = join(home, 'master.key');

    await load(file);

    expect(readFileSync(file, 'latin1')).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(home)).toEqual(['master.key']);
  });

  it('reads at the next start what the first has made', async () => {
    const file = join(directory(), 'master.key');
    const sealed = (await load(file)).seal(secret, place);

    const again = await load(file, false);

    expect(Buffer.from(again.unseal(sealed, place))).toEqual(secret);
  });

  it('makes none where it may not', async () => {
    const file = join(directory(), 'master.key');

    const loading = load(file, false);

    await expect(loading).rejects.toBeInstanceOf(StartFault);
    await expect(loading).rejects.toThrow(`The master key file ${file} is missing`);
    expect(existsSync(file)).toBe(false);
  });

  it.each([
    ['nothing', ''],
    ['too few bytes', `${Buffer.alloc(31).toString('base64')}\n`],
    ['too many bytes', `${Buffer.alloc(33).toString('base64')}\n`],
    ['bits after the end', `${'A'.repeat(42)}B=\n`],
    ['base64url', `${'_'.repeat(43)}=\n`],
    ['a second line', `${Buffer.alloc(32).toString('base64')}\nmore\n`],
    ['a long file', 'A'.repeat(10_000)],
  ])('refuses a file with %s and leaves it alone', async (_, content) => {
    const file = join(directory(), 'master.key');
    writeFileSync(file, content, { mode: 0o600 });

    const loading = load(file);

    await expect(loading).rejects.toBeInstanceOf(StartFault);
    await expect(loading).rejects.toThrow(file);
    expect(readFileSync(file, 'latin1')).toBe(content);
  });

  it.each([0o640, 0o604, 0o660])('refuses a file of mode %o and says chmod', async (mode) => {
    const file = join(directory(), 'master.key');
    await load(file);
    chmodSync(file, mode);

    const loading = load(file);

    await expect(loading).rejects.toBeInstanceOf(StartFault);
    await expect(loading).rejects.toThrow(`chmod 600 ${file}`);
  });

  it('stops with one sentence where the directory is missing or the file is a directory', async () => {
    const home = directory();
    mkdirSync(join(home, 'folder'), { mode: 0o700 });

    await expect(load(join(home, 'missing', 'master.key'))).rejects.toBeInstanceOf(StartFault);
    await expect(load(join(home, 'folder'))).rejects.toBeInstanceOf(StartFault);
  });

  it('gives processes that start at once the same key', async () => {
    const file = join(directory(), 'master.key');

    const sealed = await runTogether('seal-with-master-key.ts', Array(4).fill([file]));

    const key = await load(file, false);
    expect(sealed.map((line) => Buffer.from(key.unseal(line, place)).toString())).toEqual(
      Array(4).fill('a private key'),
    );
  });
});

describe('a sealed value', () => {
  const directory = temporaryDirectories();
  const newKey = () =>
    loadMasterKey({
      file: join(directory(), 'k'),
      mayCreate: true,
      mayBeNew: true,
      random: randomBytes,
    });

  it('shows nothing of what it holds and is never the same twice', async () => {
    const key = await newKey();

    const sealed = [key.seal(secret, place), key.seal(secret, place)];

    expect(sealed[0]).not.toBe(sealed[1]);
    expect(sealed.join()).not.toContain(secret.toString('base64url').slice(0, 8));
  });

  it('opens with its own key only', async () => {
    const sealed = (await newKey()).seal(secret, place);
    const other = await newKey();

    expect(() => other.unseal(sealed, place)).toThrow();
  });

  it.each([
    ['table', { ...place, table: 'settings' }],
    ['row', { ...place, row: 'a2' }],
    ['purpose', { ...place, purpose: 'password' }],
    ['split of the same letters', { table: 'authorities', row: 'a1key', purpose: '' }],
  ])('opens at its own place only: another %s', async (_, other) => {
    const key = await newKey();
    const sealed = key.seal(secret, place);

    expect(() => key.unseal(sealed, other)).toThrow();
  });

  it('opens whole and unchanged only', async () => {
    const key = await newKey();
    const sealed = key.seal(secret, place);
    const cut = Array.from({ length: sealed.length }, (_, length) => sealed.slice(0, length));
    const bytes = Buffer.from(sealed.slice(3), 'base64url');
    const changed = [...bytes.keys()].map((index) => {
      const copy = Buffer.from(bytes);
      copy.writeUInt8((copy.readUInt8(index) ^ 1) & 0xff, index);
      return `v1.${copy.toString('base64url')}`;
    });

    for (const wrong of [...cut, ...changed, sealed.replace('v1.', 'v2.')]) {
      expect(() => key.unseal(wrong, place)).toThrow();
    }
  });
});

describeOnEachDatabase('checkMasterKey', (fresh) => {
  const directory = temporaryDirectories();
  const newKey = () =>
    loadMasterKey({
      file: join(directory(), 'k'),
      mayCreate: true,
      mayBeNew: true,
      random: randomBytes,
    });

  it('lets the key of the first start in again, also for replicas that start at once', async () => {
    const database = await openDatabase((await fresh()).url);
    const masterKey = await newKey();

    await Promise.all(Array.from({ length: 3 }, () => checkMasterKey({ database, masterKey })));

    await expect(checkMasterKey({ database, masterKey })).resolves.toBeUndefined();
    await database.close();
  });

  it('refuses any other key', async () => {
    const database = await openDatabase((await fresh()).url);
    await checkMasterKey({ database, masterKey: await newKey() });

    const checking = checkMasterKey({ database, masterKey: await newKey() });

    await expect(checking).rejects.toBeInstanceOf(StartFault);
    await expect(checking).rejects.toThrow('EVERLEAF_MASTER_KEY_FILE');
    await database.close();
  });
});
