import { expect, it } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { join } from 'node:path';
import { pair, renew, startTestGateway } from '../support/gateway.js';
import { makeKey } from '../support/requests.js';

it('a database file that another process keeps locked is answered by 503, and then by 201', async () => {
  const gateway = await startTestGateway();
  const holder = await pair(gateway);
  const other = new BetterSqlite3(join(gateway.home, 'everleaf.db'));
  other.exec('begin immediate');
  const begun = performance.now();
  const requests = Array.from({ length: 3 }, () => renew(gateway, holder));
  const answers = await Promise.all(requests);
  const seconds = (performance.now() - begun) / 1000;
  for (const { status, headers, body } of answers) {
    expect({ status, retryAfter: headers['retry-after'] }).toEqual({
      status: 503,
      retryAfter: '5',
    });
    expect(body).toMatchObject({ reason: 'unavailable' });
  }
  // The first waits for ten seconds, those that gather meanwhile together for ten more; nobody in a queue of such waits.
  expect(seconds).toBeLessThan(28);
  other.exec('rollback');
  other.close();
  await renew(gateway, holder, { key: makeKey('prime256v1') }).expect(201);
}, 60_000);
