import { describe, expect, it } from '@jest/globals';
import { makeAccessTokenStore } from '../../src/people/access-token-store.js';
import { revocationsPath, tokensPath, expectFailure } from '../connector/shape.js';
import { call, pair, startTestGateway } from '../support/gateway.js';
import { eventsOf } from '../support/record.js';
import { callAs, makeAccessToken } from './operator.js';

const invalid = {
  status: 401,
  reason: 'access-token-invalid',
  error: 'The access token is unknown, expired or withdrawn.',
} as const;

describe('a role', () => {
  it.each([
    ['administrator', 201, 201, 200],
    ['issuer', 201, 201, 403],
    ['auditor', 403, 403, 200],
  ] as const)(
    'CS-0: %s may make tokens (%i), revoke (%i), read (%i)',
    async (role, ...expected) => {
      const gateway = await startTestGateway();
      const holder = await pair(gateway);
      const { id, token } = await makeAccessToken(gateway, role);
      const bearer = `Bearer ${token}`;
      const answers = [
        await callAs(gateway, bearer, 'post', tokensPath).set('Application', 'next'),
        await callAs(gateway, bearer, 'post', revocationsPath).send({ hash: holder.sha256 }),
        await callAs(gateway, bearer, 'get', '/metrics'),
      ];
      expect(answers.map(({ status }) => status)).toEqual(expected);
      for (const answer of answers.filter(({ status }) => status === 403)) {
        expectFailure(answer, {
          status: 403,
          reason: 'role-missing',
          error: `The role ${role} does not allow this.`,
        });
      }
      const mayRevoke = expected[1] === 201;
      const state = await call(gateway, 'get', '/v1/applications/management/info', holder);
      expect(state.status).toBe(mayRevoke ? 403 : 200);
      const made = (await eventsOf(gateway, 'token.created')).filter(
        (one) => one.holder === 'next',
      );
      expect(made.map(({ actor }) => actor)).toEqual(mayRevoke ? [`operator:${id}`] : []);
    },
  );
});

describe('an access token', () => {
  it.each([
    ['absent', undefined],
    ['empty', ''],
    ['Basic', 'Basic YTpi'],
    ['without the word Bearer', 'evl_abc'],
    ['Bearer without a token', 'Bearer '],
    ['two tokens', 'Bearer evl_a evl_b'],
  ])('CS-0: is asked for where the header is %s', async (_form, authorization) => {
    const gateway = await startTestGateway();
    for (const [method, path] of [
      ['post', tokensPath],
      ['post', revocationsPath],
      ['get', '/metrics'],
    ] as const) {
      const answer = await callAs(gateway, authorization, method, path).set('Application', 'app');
      expectFailure(answer, {
        status: 401,
        reason: 'access-token-missing',
        error: 'Send an access token: Authorization: Bearer TOKEN.',
      });
    }
    expect(await eventsOf(gateway, 'token.created')).toEqual([]);
  });

  it('CS-0: that is unknown, cut or in another letter case is refused', async () => {
    const gateway = await startTestGateway();
    const good = gateway.adminToken;
    for (const wrong of ['evl_x', good.slice(0, -1), `${good}x`, good.toUpperCase()]) {
      const answer = await callAs(gateway, `Bearer ${wrong}`, 'post', tokensPath);
      expectFailure(answer, invalid);
    }
    await callAs(gateway, `bearer  ${good}`, 'post', tokensPath)
      .set('Application', 'a')
      .expect(201);
  });

  it('is good to its last second and expired in the next', async () => {
    const gateway = await startTestGateway();
    const { token } = await makeAccessToken(gateway, 'auditor', 60);
    gateway.clock.advance(60);
    await callAs(gateway, `Bearer ${token}`, 'get', '/metrics').expect(200);
    gateway.clock.advance(1);
    expectFailure(await callAs(gateway, `Bearer ${token}`, 'get', '/metrics'), invalid);
  });

  it('is refused at once when it is withdrawn, and only once it can be', async () => {
    const gateway = await startTestGateway();
    const { id, token } = await makeAccessToken(gateway, 'auditor');
    await callAs(gateway, `Bearer ${token}`, 'get', '/metrics').expect(200);
    const store = makeAccessTokenStore(gateway.database.db);
    expect(await store.withdraw(id, gateway.clock.now())).toBe(true);
    expectFailure(await callAs(gateway, `Bearer ${token}`, 'get', '/metrics'), invalid);
    expect(await store.withdraw(id, gateway.clock.now())).toBe(false);
    await callAs(gateway, `Bearer ${gateway.adminToken}`, 'get', '/metrics').expect(200);
  });

  it('notes its last use, a refused one excepted', async () => {
    const gateway = await startTestGateway();
    const { id, token } = await makeAccessToken(gateway, 'auditor');
    const lastUse = async () => {
      const all = await makeAccessTokenStore(gateway.database.db).list();
      return all.find((one) => one.id === id)?.lastUsedAt;
    };
    await callAs(gateway, `Bearer ${token}`, 'post', tokensPath).expect(403);
    expect(await lastUse()).toBeNull();
    await callAs(gateway, `Bearer ${token}`, 'get', '/metrics').expect(200);
    expect(await lastUse()).toBe(gateway.clock.now());
  });

  it('of the first start is made once, is nowhere but in its file, and outlives a restart', async () => {
    const gateway = await startTestGateway();
    const { adminToken } = gateway;
    expect(adminToken).toMatch(/^evl_[A-Za-z0-9_-]{43}$/);
    const again = await gateway.restart();
    expect(again.adminToken).toBe(adminToken);
    const rows = await again.database.db.selectFrom('access_tokens').selectAll().execute();
    expect(rows).toHaveLength(1);
    expect(JSON.stringify([rows, gateway.logs, again.logs])).not.toContain(adminToken);
    await callAs(again, `Bearer ${adminToken}`, 'get', '/metrics').expect(200);
  });
});
