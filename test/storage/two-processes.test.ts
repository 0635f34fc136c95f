import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { openDatabase } from '../../src/storage/database.js';
import { temporaryDirectories } from '../support/databases.js';
import { runTogether } from './run-together.js';

describe('two processes on one SQLite file', () => {
  const directory = temporaryDirectories();

  it('start at once where there is no file yet', async () => {
    const file = join(directory(), 'everleaf.db');

    await runTogether('write-many.ts', Array(4).fill([`sqlite:${file}`, 'a', '0']));

    const database = await openDatabase(`sqlite:${file}`);
    await expect(database.ping()).resolves.toBeUndefined();
    await database.close();
  });

  it('lose nothing when they write at once, while a third one reads', async () => {
    const url = `sqlite:${join(directory(), 'everleaf.db')}`;
    const database = await openDatabase(url);
    await database.db.insertInto('settings').values({ name: 'counter', value: '0' }).execute();

    await runTogether('write-many.ts', [
      [url, 'a', '300'],
      [url, 'b', '300'],
    ]);

    const rows = await database.db.selectFrom('settings').selectAll().execute();
    expect(rows).toHaveLength(601);
    expect(rows).toContainEqual({ name: 'counter', value: '600' });
    await database.close();
  });
});
