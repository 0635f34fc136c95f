import { expect, it } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { createPrivateKey } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { makeSecrets } from '../../src/credentials/secrets.js';
import { startToKill } from '../support/killed-gateways.js';
import { addDueUsers } from '../support/due-users.js';
import { startTestGateway, temporaryHome } from '../support/gateway.js';
import { certificateOf, openServiceHouse, quickKeys } from '../support/service-users.js';
import { masterKeyOf } from '../support/unsealed.js';

const users = 600;

const start = (home: string) => startToKill(home, quickKeys);

/** A home with many users that are due from the next start on. */
async function makeHome(): Promise<string> {
  const home = temporaryHome();
  const gateway = await startTestGateway({ EVERLEAF_HOME: home, ...quickKeys });
  const house = await openServiceHouse(gateway);
  await house.addService();
  await house.addMember('admin');
  await addDueUsers(house, users);
  await gateway.stop();
  return home;
}

function openRecord(home: string) {
  const sqlite = new BetterSqlite3(join(home, 'everleaf.db'));
  const count = (query: string): number => Number(sqlite.prepare(query).pluck().get());
  return { sqlite, count };
}

it('SU-R4: a pass that is killed again and again makes one pair for each user and one announcement', async () => {
  const home = await makeHome();
  const { sqlite, count } = openRecord(home);
  const renewed = (): number =>
    count('select count(*) from service_users where pending_id is not null');
  const announcements = (): number => count('select count(*) from outbox');

  for (let round = 1; round <= 4; round += 1) {
    const enough = round * 80 + Math.floor(Math.random() * 60);
    const struck = await start(home);
    while (renewed() < enough) await setImmediate();
    struck.kill('SIGKILL');
    await struck.ended;

    expect(sqlite.pragma('integrity_check', { simple: true })).toBe('ok');
    const pairs = renewed();
    expect(pairs).toBeLessThan(users);
    expect(count('select count(*) from certificates where predecessor is not null')).toBe(pairs);
    expect(count("select count(*) from audit_events where action = 'service-user.renewed'")).toBe(
      pairs,
    );
    expect(announcements()).toBe(0);
    // As if the half minute had gone by that the lease of the dead lasts.
    sqlite.exec('delete from leases');
  }
  await start(home);
  while (announcements() === 0) await setImmediate();

  expect(renewed()).toBe(users);
  expect(
    count('select count(distinct predecessor) from certificates where predecessor is not null'),
  ).toBe(users);
  expect(count('select count(*) from certificates where predecessor is not null')).toBe(users);
  expect(announcements()).toBe(1);
  const payload = sqlite.prepare<[], string>('select payload from outbox').pluck().get() ?? '';
  expect(JSON.parse(payload).users).toHaveLength(users);
  await expectMatchingPairs(home, sqlite);
  sqlite.close();
}, 120_000);

async function expectMatchingPairs(home: string, sqlite: BetterSqlite3.Database): Promise<void> {
  const secrets = makeSecrets(await masterKeyOf({ home }), () => new Uint8Array());
  const rows = sqlite
    .prepare<
      [],
      { id: string; certificate: string; certificate_sha256: string; sealed_key: string }
    >('select id, certificate, certificate_sha256, sealed_key from service_users')
    .all();
  for (const row of rows) {
    const pair = { ...row, sha256: row.certificate_sha256, sealedKey: null, notAfter: 0 };
    const key = createPrivateKey(secrets.openKey(row.sealed_key, row.id));
    expect(certificateOf({ pair }).checkPrivateKey(key)).toBe(true);
  }
}
