import { expect, it } from '@jest/globals';
import type { CompiledQuery, Kysely } from 'kysely';
import { CompiledQuery as Query } from 'kysely';
import { makeFindStatus } from '../../src/authority/certificate-status-store.js';
import { asSerialNumber } from '../../src/pki/der.js';
import type { Schema } from '../../src/storage/schema.js';
import { startTestGateway } from '../support/gateway.js';
import { startReplicas } from '../support/replicas.js';
import { describeOnPostgres } from '../support/databases.js';

/** The same database, and what it is asked. Under another adapter it is no SQLite that is asked directly. */
function listenTo(db: Kysely<Schema>): { db: Kysely<Schema>; asked: CompiledQuery[] } {
  const asked: CompiledQuery[] = [];
  const executor = db.getExecutor();
  const adapter: unknown = Object.create(executor.adapter);
  const withAdapter: unknown = Object.create(executor, { adapter: { value: adapter } });
  const listening = new Proxy(db, {
    get: (target, name) => {
      if (name === 'getExecutor') return () => withAdapter;
      if (name !== 'executeQuery') {
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      }
      return (query: CompiledQuery) => {
        asked.push(query);
        return target.executeQuery(query);
      };
    },
  });
  return { db: listening, asked };
}

async function askedForStatus(db: Kysely<Schema>): Promise<CompiledQuery> {
  const { db: listening, asked } = listenTo(db);
  const findStatus = makeFindStatus(listening);
  const none = { authorityId: 'none', serial: asSerialNumber('4711') };
  expect(await findStatus(none)).toEqual({ state: 'unknown' });
  const [query, ...more] = asked;
  if (query === undefined || more.length > 0) throw new Error('not one query');
  return query;
}

it('a status is found by the index of issued serial numbers (SQLite)', async () => {
  const { database } = await startTestGateway();
  const { sql, parameters } = await askedForStatus(database.db);
  const explained = Query.raw(`explain query plan ${sql}`, [...parameters]);
  const { rows } = await database.db.executeQuery(explained);
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({
    detail: 'SEARCH certificates USING INDEX certificates_serial (authority_id=? AND serial=?)',
  });
});

describeOnPostgres('a status', (fresh) => {
  it('is found by the index of issued serial numbers, also by a generic plan', async () => {
    const [{ database }] = await startReplicas((await fresh()).url);
    const { sql } = await askedForStatus(database.db);
    const plan = await database.transaction(async (trx) => {
      // A table of a few rows would be read from end to end.
      await trx.executeQuery(Query.raw('set local enable_seqscan = off'));
      await trx.executeQuery(Query.raw('set local plan_cache_mode = force_generic_plan'));
      await trx.executeQuery(Query.raw(`prepare status (text, text) as ${sql}`));
      return trx.executeQuery(Query.raw(`explain execute status ('none', '4711')`));
    });
    expect(JSON.stringify(plan.rows)).toContain('Index Scan using certificates_serial');
  });
});
