import { openDatabase } from '../../src/storage/database.js';
import { makeGroupCommit } from '../../src/storage/group-commit.js';

// Run by two-processes.test.ts in a process of its own: URL NAME COUNT.
const [url = '', name = '', count = '0'] = process.argv.slice(2);
const database = await openDatabase(url);
const group = makeGroupCommit<string, string>({
  database,
  orderBy: (item) => item,
  async write(trx, item) {
    await trx.insertInto('settings').values({ name: item, value: '0' }).execute();
    // Read, then write: only a lock taken before the read keeps the other process out.
    const counter = await trx
      .selectFrom('settings')
      .select('value')
      .where('name', '=', 'counter')
      .executeTakeFirstOrThrow();
    await trx
      .updateTable('settings')
      .set({ value: String(Number(counter.value) + 1) })
      .where('name', '=', 'counter')
      .execute();
    return item;
  },
});
for (let index = 0; index < Number(count); index += 2) {
  await Promise.all([group.submit(`${name}-${index}`), group.submit(`${name}-${index + 1}`)]);
}
await database.close();
