import { expect, it } from '@jest/globals';
import { openDatabase } from '../../src/storage/database.js';
import { prepare, type Placeholders } from '../../src/storage/prepared.js';
import { describeOnEachDatabase } from '../support/databases.js';

describeOnEachDatabase('prepare', (fresh) => {
  const write = prepare((db, p: Placeholders<{ name: string; value: string }>) =>
    db
      .insertInto('settings')
      .values({ name: p('name'), value: p('value') })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: p('value') })),
  );
  const writeIf = prepare((db, p: Placeholders<{ name: string; old: string; value: string }>) =>
    db
      .updateTable('settings')
      .set({ value: p('value') })
      .where('name', '=', p('name'))
      .where('value', '=', p('old')),
  );
  const read = prepare((db, p: Placeholders<{ name: string }>) =>
    db
      .selectFrom('settings')
      .select('value')
      .where('name', '=', p('name'))
      .where('value', '!=', '-'),
  );

  it('runs again and again with other values', async () => {
    const database = await openDatabase((await fresh()).url);
    const { db } = database;

    await write.run(db, { name: 'a', value: '1' });
    await write.run(db, { name: 'b', value: '2' });
    await write.run(db, { name: 'a', value: '3' });

    expect(await read.run(db, { name: 'a' })).toEqual([{ value: '3' }]);
    expect(await read.first(db, { name: 'b' })).toEqual({ value: '2' });
    expect(await read.first(db, { name: 'c' })).toBeUndefined();
    await database.close();
  });

  it('tells how many rows a conditional update changed', async () => {
    const database = await openDatabase((await fresh()).url);
    await write.run(database.db, { name: 'a', value: '1' });

    const changed = [
      await writeIf.change(database.db, { name: 'a', old: '1', value: '2' }),
      await writeIf.change(database.db, { name: 'a', old: '1', value: '3' }),
    ];

    expect(changed).toEqual([1, 0]);
    await database.close();
  });

  it('counts no change for a select', async () => {
    const database = await openDatabase((await fresh()).url);

    const counting = read.change(database.db, { name: 'a' });

    await expect(counting).rejects.toThrow('change() needs a query that changes rows');
    await database.close();
  });

  it('keeps the constants of the query', async () => {
    const database = await openDatabase((await fresh()).url);

    await write.run(database.db, { name: 'a', value: '-' });

    expect(await read.run(database.db, { name: 'a' })).toEqual([]);
    await database.close();
  });

  it('belongs to the transaction that runs it', async () => {
    const database = await openDatabase((await fresh()).url);

    const work = database.transaction(async (trx) => {
      await write.run(trx, { name: 'a', value: '1' });
      expect(await read.run(trx, { name: 'a' })).toEqual([{ value: '1' }]);
      throw new Error('no');
    });

    await expect(work).rejects.toThrow('no');
    expect(await read.run(database.db, { name: 'a' })).toEqual([]);
    await database.close();
  });

  it('serves several open databases', async () => {
    const first = await openDatabase((await fresh()).url);
    const second = await openDatabase((await fresh()).url);

    await write.run(first.db, { name: 'a', value: '1' });

    expect(await read.run(second.db, { name: 'a' })).toEqual([]);
    await first.close();
    await second.close();
  });

  it('refuses a missing value instead of writing null', async () => {
    const database = await openDatabase((await fresh()).url);
    const params: { name: string; value: string } = JSON.parse('{"name": "a"}');

    const writing = write.run(database.db, params);

    await expect(writing).rejects.toThrow('no value for the parameter value');
    await database.close();
  });
});
