import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { call, callAdmin, pair, renew, startTestGateway } from '../support/gateway.js';
import { contentsOf } from '../support/serve.js';

const kept = [
  'admin.password',
  'admin.token',
  'ca.crt',
  'master.key',
  'server.crt',
  'server.key.sealed',
];

describe('the first start', () => {
  it('makes home and what is in it, private where it must be', async () => {
    const { home } = await startTestGateway();

    const modes = readdirSync(home).map((name) => [
      name,
      (statSync(join(home, name)).mode & 0o777).toString(8),
    ]);
    expect((statSync(home).mode & 0o777).toString(8)).toBe('700');
    expect(Object.fromEntries(modes)).toEqual({
      'admin.password': '600',
      'admin.token': '600',
      'ca.crt': '644',
      'everleaf.db': '600',
      'everleaf.db-shm': '600',
      'everleaf.db-wal': '600',
      'master.key': '600',
      'server.crt': '600',
      'server.key.sealed': '600',
    });
  });

  it('leaves no private key and no token readable in the database', async () => {
    const gateway = await startTestGateway();
    const { home, adminToken } = gateway;
    const [authority] = await gateway.database.db.selectFrom('authorities').selectAll().execute();
    expect(authority?.sealed_key).toMatch(/^v1\./);
    await gateway.stop();

    const database = readFileSync(join(home, 'everleaf.db')).toString('latin1');

    expect(adminToken).toMatch(/^evl_/);
    for (const secret of [adminToken, 'PRIVATE KEY', 'MIGHAgEAMBMGByqGSM49']) {
      expect(database).not.toContain(secret);
    }
  });

  it('makes a token that works', async () => {
    const gateway = await startTestGateway();

    await callAdmin(gateway, 'post', '/v1/applications/tokens')
      .set('Application', 'app')
      .expect(201);
  });
});

describe('a later start', () => {
  it('changes nothing of what the first one made, and serves its clients', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const keptFiles = () =>
      contentsOf(gateway.home).filter((line) => kept.includes(line.split(' ')[0] ?? ''));
    const before = keptFiles();
    expect(before).toHaveLength(kept.length);

    const again = await gateway.restart({ EVERLEAF_CA_KEY_TYPE: 'rsa-2048' });

    expect(keptFiles()).toEqual(before);
    expect(again.caSha256).toBe(gateway.caSha256);
    expect(again.adminTokenFile).toBeUndefined();
    expect(again.adminPasswordFile).toBeUndefined();
    const { db } = again.database;
    expect(await db.selectFrom('authorities').select('state').execute()).toHaveLength(1);
    expect(await db.selectFrom('access_tokens').select('id').execute()).toHaveLength(1);
    await renew(again, holder).expect(201);
  });

  it.each(['ec-p384', 'rsa-2048'])('goes on with an authority of type %s', async (type) => {
    const gateway = await startTestGateway({ EVERLEAF_CA_KEY_TYPE: type });
    const holder = await pair(gateway);

    const again = await gateway.restart();

    await renew(again, holder).expect(201);
  });
});

describe('a start in the last hour of the authority', () => {
  it('still serves those who hold a certificate, and issues nothing', async () => {
    const gateway = await startTestGateway({ EVERLEAF_CA_VALIDITY: '30d' });
    const holder = await pair(gateway);
    gateway.clock.advance(30 * 86_400 - 1800);

    const again = await gateway.restart();

    await call(again, 'get', '/v1/applications/management/info', holder).expect(200);
    await renew(again, holder).expect(503);
  });
});
