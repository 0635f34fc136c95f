import { expect, it } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { startTestGateway, temporaryHome } from '../support/gateway.js';
import { askForRotation, digestFor, openGovernance } from '../support/governance.js';
import type { Governed } from '../support/governance.js';
import { startToKill } from '../support/killed-gateways.js';
import { callAsUser } from '../support/people.js';
import { eventsOf } from '../support/record.js';

/** A key that takes its time, so that there is a moment in which to die. */
const slowKeys = { EVERLEAF_SERVICE_USER_KEY_TYPE: 'rsa-4096' };

interface Row {
  readonly state: string;
  readonly credentials_state: string | null;
  readonly certificate_sha256: string | null;
  readonly sealed_data_key: string | null;
  readonly sealed_credentials: string | null;
}

/** The record of a home, whoever runs on it. */
function openRecord(home: string) {
  const sqlite = new BetterSqlite3(join(home, 'everleaf.db'), { readonly: true });
  return {
    close: () => sqlite.close(),
    isSound: () => sqlite.pragma('integrity_check', { simple: true }) === 'ok',
    count: (table: string, where: string): number =>
      Number(sqlite.prepare(`select count(*) from ${table} where ${where}`).pluck().get()),
    rotation: (path: string) =>
      sqlite
        .prepare<[string], Row>('select * from rotation_requests where id = ?')
        .get(path.slice(1)),
  };
}

/** Requests below `.../rotations` to a gateway that is another process. */
function callerAt(adminUrl: string, { gateway, organization, access, ...people }: Governed) {
  const door = { ...gateway, urls: { ...gateway.urls, admin: adminUrl } };
  const rotations = `/v1/organization/${organization}/governance/access/${access}/rotations`;
  return (who: 'ann' | 'ben', path: string, body?: object) =>
    callAsUser(door, people[who], 'post', `${rotations}${path}`).send(body);
}

it('SU-G8: a gateway killed after an approval leaves it to the next pass, which provides it once', async () => {
  const home = temporaryHome();
  const first = await startTestGateway({ EVERLEAF_HOME: home });
  const governed = await openGovernance(first);
  const path = await askForRotation(governed);
  const digest = await digestFor(governed, path);
  await first.stop();
  const record = openRecord(home);
  const certificates = () => record.count('certificates', "kind = 'service-user'");
  const before = certificates();

  const struck = await startToKill(home, slowKeys);
  const approve = callerAt(struck.adminUrl, governed)('ben', `${path}/approve`, { digest });
  const answer = approve.then(
    () => 'answered',
    () => 'lost',
  );
  while (record.rotation(path)?.state === 'pending') await setImmediate();
  struck.kill('SIGKILL');
  await struck.ended;
  expect(await answer).toBe('lost');
  expect(record.isSound()).toBe(true);
  expect(record.rotation(path)).toMatchObject({ state: 'provisioning', sealed_credentials: null });
  expect(certificates()).toBe(before);
  record.close();

  const next = await first.restart();
  await next.tendRotations();
  expect(await eventsOf(next, 'rotation.provided')).toEqual([]);
  next.clock.advance(60);
  await next.tendRotations();
  await next.tendRotations();
  const provided = await eventsOf(next, 'rotation.provided');
  expect(provided.map(({ actor }) => actor)).toEqual(['gateway']);
  const reveal = callerAt(next.urls.admin, governed);
  const { body } = await reveal('ann', `${path}/reveal`).expect(200);
  expect(body.credentials.access_key).toContain('PRIVATE KEY');
}, 60_000);

it('SU-G11: a gateway killed in a reveal has made it wholly or not at all', async () => {
  const home = temporaryHome();
  const first = await startTestGateway({ EVERLEAF_HOME: home });
  const governed = await openGovernance(first);
  const path = await askForRotation(governed);
  const digest = await digestFor(governed, path);
  await governed.rotations(governed.ben, 'post', `${path}/approve`, { digest }).expect(200);
  await first.stop();
  const record = openRecord(home);
  const waiting = record.rotation(path);
  const isPresent = () =>
    record.count('service_users', `certificate_sha256 = '${String(waiting?.certificate_sha256)}'`);
  const log = join(home, 'everleaf.db-wal');

  let revealed = false;
  for (let turn = 1; !revealed && turn <= 6; turn += 1) {
    const struck = await startToKill(home);
    const atFirst = sizeOf(log);
    const answer = callerAt(struck.adminUrl, governed)('ann', `${path}/reveal`).then(
      ({ status }) => status,
      () => 0,
    );
    // Sooner or later on its way: the last ones when the log of the database has begun to grow.
    if (turn < 3) for (let turns = 0; turns < turn * 200; turns += 1) await setImmediate();
    else while (sizeOf(log) === atFirst) await setImmediate();
    struck.kill('SIGKILL');
    await struck.ended;

    expect(record.isSound()).toBe(true);
    const now = record.rotation(path);
    revealed = now?.credentials_state === 'revealed';
    if ((await answer) === 200) expect(revealed).toBe(true);
    const events = record.count('audit_events', "action = 'rotation.revealed'");
    if (revealed) {
      expect(now).toMatchObject({ sealed_data_key: null, sealed_credentials: null });
      expect([isPresent(), events]).toEqual([1, 1]);
    } else {
      expect(now).toEqual(waiting);
      expect([isPresent(), events]).toEqual([0, 0]);
    }
  }
  record.close();

  const next = await first.restart();
  const last = await callerAt(next.urls.admin, governed)('ann', `${path}/reveal`);
  expect(last.status).toBe(revealed ? 410 : 200);
  expect(readFileSync(join(home, 'everleaf.db')).includes(String(waiting?.sealed_data_key))).toBe(
    false,
  );
}, 60_000);

function sizeOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}
