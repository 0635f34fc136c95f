import { afterEach, expect, it } from '@jest/globals';
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import request from 'supertest';
import { describeOnPostgres } from '../support/databases.js';
import { openDatabaseProxy } from '../support/database-proxy.js';
import type { DatabaseProxy } from '../support/database-proxy.js';
import { call, createToken, pair, renew, temporaryHome } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { recordedCertificates } from '../support/record.js';
import { startReplicas } from '../support/replicas.js';
import { makeKey } from '../support/requests.js';

const proxies: DatabaseProxy[] = [];

afterEach(async () => {
  for (const proxy of proxies.splice(0)) await proxy.close();
});

async function proxyTo(url: string): Promise<DatabaseProxy> {
  const proxy = await openDatabaseProxy(url);
  proxies.push(proxy);
  return proxy;
}

async function askReadiness(gateway: TestGateway): Promise<{ status: number; body: unknown }> {
  const { status, body } = await request(gateway.urls.pki).get('/readyz');
  return { status, body };
}

/** The outcome of a readiness check is kept for a second. */
async function untilReadinessIs(gateway: TestGateway, status: number): Promise<unknown> {
  for (;;) {
    const answer = await askReadiness(gateway);
    if (answer.status === status) return answer.body;
  }
}

function expectUnavailable(answer: { status: number; body: unknown; headers: unknown }): void {
  expect(answer).toMatchObject({
    status: 503,
    headers: { 'retry-after': '5' },
    body: {
      code: 503,
      reason: 'unavailable',
      error: 'The database does not answer: try again later.',
    },
  });
}

describeOnPostgres('PostgreSQL that cannot be reached', (fresh) => {
  it('HI-R9: is answered by 503 on every route, and by readiness, until it is back', async () => {
    const proxy = await proxyTo((await fresh()).url);
    const [gateway] = await startReplicas(proxy.url);
    const holder = await pair(gateway);
    const token = await createToken(gateway, 'another');
    expect(await untilReadinessIs(gateway, 200)).toEqual({ status: 'ready', failed: [] });

    await proxy.cut();

    expectUnavailable(await renew(gateway, holder));
    expectUnavailable(await call(gateway, 'get', '/v1/applications/management/info', holder));
    const info = `/v1/applications/signingRequests/info?token=${token}`;
    expectUnavailable(await call(gateway, 'get', info));
    expect(await untilReadinessIs(gateway, 503)).toEqual({
      status: 'not ready',
      failed: ['database'],
    });
    await request(gateway.urls.pki).get('/healthz').expect(200);

    await proxy.restore();

    await renew(gateway, holder).expect(201);
    await call(gateway, 'get', info).expect(200);
    await untilReadinessIs(gateway, 200);
    expect(await recordedCertificates(gateway)).toHaveLength(2);
  });

  it('HI-R9: tells no client of a certificate that it lost in the middle of renewals', async () => {
    const proxy = await proxyTo((await fresh()).url);
    const [gateway] = await startReplicas(proxy.url);
    const holder = await pair(gateway);
    const keys = Array.from({ length: 30 }, () => makeKey('prime256v1'));
    const first = renew(gateway, holder, { key: makeKey('prime256v1') }).expect(201);

    const [answers] = await Promise.all([
      Promise.all(keys.map((key) => renew(gateway, holder, { key }))),
      first.then(() => proxy.cut()),
    ]);

    const given = answers.filter(({ status }) => status === 201);
    for (const answer of answers.filter(({ status }) => status !== 201)) expectUnavailable(answer);
    await proxy.restore();
    const recorded = await recordedCertificates(gateway);
    expect(recorded.length).toBeGreaterThanOrEqual(2 + given.length);
    await renew(gateway, holder, { key: makeKey('prime256v1') }).expect(201);
  });

  it('HI-R9: is answered by 503 too when a server on the same machine is stopped', async () => {
    const url = new URL((await fresh()).url);
    const sockets = decodeURIComponent(url.hostname);
    if (!sockets.startsWith('/')) return; // the tests were given a server elsewhere
    const folder = temporaryHome();
    const socket = join(folder, '.s.PGSQL.5432');
    symlinkSync(join(sockets, '.s.PGSQL.5432'), socket);
    url.hostname = encodeURIComponent(folder);
    const [gateway] = await startReplicas(url.href);
    const holder = await pair(gateway);

    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`.execute(gateway.database.db);
    rmSync(socket);

    expectUnavailable(await renew(gateway, holder));
  });

  it('HI-R9: is answered by 503 too when the network swallows everything', async () => {
    const proxy = await proxyTo((await fresh()).url);
    const [gateway] = await startReplicas(proxy.url);
    const holder = await pair(gateway);

    proxy.silence();
    const answer = await renew(gateway, holder);

    expectUnavailable(answer);
    await proxy.restore();
    await renew(gateway, holder).expect(201);
  }, 60_000);
});
