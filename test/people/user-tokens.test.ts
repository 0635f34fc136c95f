import { expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { describeOnEachDatabase } from '../support/databases.js';
import type { FreshDatabase } from '../support/databases.js';
import type { TestGateway } from '../support/gateway.js';
import { addPerson, addTokenOf, callAsUser } from './person.js';
import { eventsOf } from '../support/record.js';
import { startReplicas } from '../support/replicas.js';
import { expectAivenFailure, isoTime } from './aiven-shape.js';

const path = '/v1/access_token';
const invalid = { status: 401, reason: 'user-token-invalid' } as const;
const unknown = { status: 404, reason: 'resource-unknown' } as const;

async function start(fresh: FreshDatabase): Promise<TestGateway> {
  const [gateway] = await startReplicas((await fresh()).url);
  return gateway;
}

async function tokensOf(gateway: TestGateway, token: string) {
  const { body } = await callAsUser(gateway, token, 'get', path).expect(200);
  return body.tokens as Record<string, unknown>[];
}

describeOnEachDatabase('a token of a user', (fresh) => {
  it('is made, shown once, listed, described and withdrawn by its prefix', async () => {
    const gateway = await start(fresh);
    const { token, email } = await addPerson(gateway);
    const order = { description: 'for CI', max_age_seconds: 3600, extend_when_used: false };

    const { body } = await callAsUser(gateway, token, 'post', path).send(order).expect(200);

    const { full_token: fullToken, ...shown } = body as { full_token: string };
    expect(fullToken).toMatch(/^evu_[\w-]{43}$/);
    expect(shown).toEqual({
      ...order,
      token_prefix: fullToken.slice(0, 12),
      create_time: expect.stringMatching(isoTime),
      expiry_time: new Date((gateway.clock.now() + 3600) * 1000)
        .toISOString()
        .replace('.000Z', 'Z'),
      created_manually: true,
      currently_active: false,
      last_used_time: null,
      last_ip: null,
      last_user_agent: null,
    });
    const listed = await tokensOf(gateway, token);
    expect(listed).toContainEqual(shown);
    expect(listed).toContainEqual(
      expect.objectContaining({ token_prefix: token.slice(0, 12), currently_active: true }),
    );
    const one = `${path}/${fullToken.slice(0, 12)}`;
    const changed = await callAsUser(gateway, token, 'put', one).send({ description: 'other' });
    expect(changed.body).toEqual({ ...shown, description: 'other' });
    await callAsUser(gateway, fullToken, 'get', '/v1/me').expect(200);
    await callAsUser(gateway, token, 'delete', one)
      .set('Content-Type', 'application/octet-stream')
      .expect(200);
    expectAivenFailure(await callAsUser(gateway, fullToken, 'get', '/v1/me'), invalid);
    expectAivenFailure(await callAsUser(gateway, token, 'delete', one), unknown);
    const actions = ['user-token.created', 'user-token.described', 'user-token.withdrawn'];
    const events = await eventsOf(gateway, ...actions);
    expect(events.map(({ action, actor }) => [action, actor])).toEqual(
      actions.map((action) => [action, `user:${email}`]),
    );
  });

  it('SU-W4: is named in the path with / + = escaped, by prefix and in full', async () => {
    const gateway = await start(fresh);
    const { token, id } = await addPerson(gateway);
    const odd = ['abc/def+ghi=jkl/mno+pqr=', 'zzz+def/ghi=jkl/mno+pqr='];
    for (const fullToken of odd) {
      const made = await addTokenOf(gateway, id);
      await gateway.database.db
        .updateTable('user_tokens')
        .set({
          token_sha256: createHash('sha256').update(fullToken).digest('hex'),
          prefix: fullToken.slice(0, 12),
        })
        .where('prefix', '=', made.slice(0, 12))
        .execute();
    }
    const [first = '', second = ''] = odd;
    const byPrefix = `${path}/${encodeURIComponent(first.slice(0, 12))}`;
    const inFull = `${path}/${encodeURIComponent(second)}`;
    await callAsUser(gateway, first, 'get', '/v1/me').expect(200);
    await callAsUser(gateway, token, 'put', inFull).send({ description: 'x' }).expect(200);
    await callAsUser(gateway, token, 'delete', byPrefix).expect(200);
    await callAsUser(gateway, second, 'delete', inFull).expect(200);
    expect(await tokensOf(gateway, token)).toHaveLength(1);
    expectAivenFailure(await callAsUser(gateway, second, 'get', '/v1/me'), invalid);
  });

  it('ends with its last second, or as long after a use as it was made for', async () => {
    const gateway = await start(fresh);
    const { id } = await addPerson(gateway);
    const fixed = await addTokenOf(gateway, id, { maxAgeSeconds: 90 });
    const extended = await addTokenOf(gateway, id, { maxAgeSeconds: 90, extendWhenUsed: true });
    const me = async (token: string) => (await callAsUser(gateway, token, 'get', '/v1/me')).status;
    for (const seconds of [30, 60]) {
      gateway.clock.advance(seconds);
      expect([await me(fixed), await me(extended)]).toEqual([200, 200]);
    }
    gateway.clock.advance(1);
    expect([await me(fixed), await me(extended)]).toEqual([401, 200]);
    gateway.clock.advance(89);
    expect(await me(extended)).toBe(200);
    gateway.clock.advance(91);
    expect(await me(extended)).toBe(401);
  });

  it('notes its use once a minute, with address and program', async () => {
    const gateway = await start(fresh);
    const { token } = await addPerson(gateway);
    const use = (program: string) =>
      callAsUser(gateway, token, 'get', path).set('User-Agent', program).expect(200);
    await use('aiven-client/4.16.0');
    await use(`other ${'x'.repeat(500)}`);
    const [noted] = await tokensOf(gateway, token);
    expect(noted).toMatchObject({
      last_ip: '127.0.0.1',
      last_user_agent: 'aiven-client/4.16.0',
      last_used_time: expect.stringMatching(isoTime),
    });
    gateway.clock.advance(60);
    await use(`other ${'x'.repeat(500)}`);
    const [again] = await tokensOf(gateway, token);
    expect(again?.['last_user_agent']).toMatch(/^other x{194}$/);
  });

  it('is nobody else’s to see or to withdraw', async () => {
    const gateway = await start(fresh);
    const jo = await addPerson(gateway);
    const other = await addPerson(gateway, 'other@example.com');
    for (const name of [jo.token, jo.token.slice(0, 12)]) {
      const one = `${path}/${name}`;
      expectAivenFailure(await callAsUser(gateway, other.token, 'delete', one), unknown);
      const change = callAsUser(gateway, other.token, 'put', one).send({ description: 'mine' });
      expectAivenFailure(await change, unknown);
    }
    expect(await tokensOf(gateway, other.token)).toHaveLength(1);
    await callAsUser(gateway, jo.token, 'get', '/v1/me').expect(200);
  });

  it('ends with all others of the user by expire_tokens, and with the user', async () => {
    const gateway = await start(fresh);
    const jo = await addPerson(gateway);
    const other = await addPerson(gateway, 'other@example.com');
    const second = await addTokenOf(gateway, jo.id);
    const answer = await callAsUser(gateway, jo.token, 'post', '/v1/me/expire_tokens')
      .set('Content-Type', 'application/octet-stream')
      .expect(200);
    expect(answer.body).toEqual({ message: expect.stringMatching(/: 2\./) });
    for (const token of [jo.token, second])
      expectAivenFailure(await callAsUser(gateway, token, 'get', '/v1/me'), invalid);
    await callAsUser(gateway, other.token, 'get', '/v1/me').expect(200);
    const { db } = gateway.database;
    const set = (values: { state?: 'disabled'; token_validity_begin?: number }) =>
      db.updateTable('users').set(values).where('id', '=', other.id).execute();
    await set({ token_validity_begin: gateway.clock.now() + 1 });
    expectAivenFailure(await callAsUser(gateway, other.token, 'get', '/v1/me'), invalid);
    await set({ token_validity_begin: 0, state: 'disabled' });
    expectAivenFailure(await callAsUser(gateway, other.token, 'get', '/v1/me'), invalid);
  });

  it('that has ended is forgotten when the next one is made', async () => {
    const gateway = await start(fresh);
    const { token, id } = await addPerson(gateway);
    await addTokenOf(gateway, id, { maxAgeSeconds: 60 });
    gateway.clock.advance(61);
    expect(await tokensOf(gateway, token)).toHaveLength(2);
    await callAsUser(gateway, token, 'post', path).send({}).expect(200);
    expect(await tokensOf(gateway, token)).toHaveLength(2);
  });
});
