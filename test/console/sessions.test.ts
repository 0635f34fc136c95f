import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { ownPath } from '../../src/console/continuing.js';
import { changePassword } from '../../src/people/change-user.js';
import { makeUserStore } from '../../src/people/user-store.js';
import { makeUserTokenStore } from '../../src/people/user-token-store.js';
import { addPerson, callAsUser, signIn as signInForToken } from '../people/person.js';
import { ownPage, signIn } from '../support/console.js';
import { callAdmin, startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';

const post = (gateway: TestGateway, path: string) =>
  request(gateway.urls.admin).post(path).ca(gateway.ca).set(ownPage(gateway)).type('form');

const statusesOf = async (calls: readonly request.Test[]): Promise<number[]> => {
  const statuses = [];
  for (const call of calls) statuses.push((await call).status);
  return statuses;
};

describe('a session', () => {
  it('is a __Host- cookie out of reach, new at each sign-in', async () => {
    const gateway = await startTestGateway();
    const jo = await addPerson(gateway);
    const planted = `__Host-everleaf-session=${'x'.repeat(43)}`;
    const answer = await post(gateway, '/sign-in').set('Cookie', planted).send(jo).expect(303);
    expect(String(answer.headers['set-cookie'])).toMatch(
      /^__Host-everleaf-session=(?!x{43})[\w-]{43}; Max-Age=43200; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Strict$/,
    );
    const first = await signIn(gateway, jo);
    const second = await post(gateway, '/sign-in').set('Cookie', first.cookie).send(jo);
    expect(String(second.headers['set-cookie'])).not.toContain(first.cookie);
    expect((await first.get('/tokens')).status).toBe(303);
    const withPlanted = request(gateway.urls.admin).get('/').ca(gateway.ca);
    expect((await withPlanted.set('Cookie', planted)).status).toBe(303);
  });

  it('has a cookie without Secure on plain HTTP of a loopback address alone', async () => {
    const gateway = await startTestGateway({ EVERLEAF_ADMIN_TLS: 'off' });
    const answer = await post(gateway, '/sign-in').send(await addPerson(gateway));
    expect(String(answer.headers['set-cookie'])).toMatch(
      /^everleaf-session=[\w-]{43}; Max-Age=43200; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/,
    );
  });

  it('ends idle, at its longest, by a sign-out, and with its user', async () => {
    const gateway = await startTestGateway();
    const { clock, database } = gateway;
    const jo = await addPerson(gateway);
    const isIn = async (visitor: { get: (path: string) => request.Test }): Promise<boolean> =>
      (await visitor.get('/tokens')).status === 200;

    const idle = await signIn(gateway, jo);
    clock.advance(3_599);
    expect(await isIn(idle)).toBe(true);
    clock.advance(3_601);
    expect(await isIn(idle)).toBe(false);

    const long = await signIn(gateway, jo);
    for (let hour = 0; hour < 13; hour++) {
      clock.advance(3_300);
      expect(await isIn(long)).toBe(true);
    }
    clock.advance(400);
    expect(await isIn(long)).toBe(false);

    const out = await signIn(gateway, jo);
    await out.post('/sign-out').expect(303);
    expect(await isIn(out)).toBe(false);

    // In the very second in which it began: a thief who signs in again and again has one of that second.
    const expired = await signIn(gateway, jo);
    await callAsUser(gateway, jo.token, 'post', '/v1/me/expire_tokens').expect(200);
    expect(await isIn(expired)).toBe(false);

    const disabled = await signIn(gateway, jo);
    await database.db
      .updateTable('users')
      .set({ state: 'disabled' })
      .where('id', '=', jo.id)
      .execute();
    expect(await isIn(disabled)).toBe(false);
    await disabled.post('/tokens', { description: 'late' }).expect(401);

    await database.db.updateTable('users').set({ state: 'active' }).execute();
    const replaced = await signIn(gateway, jo);
    await database.transaction((trx) => {
      const edges = { users: makeUserStore(trx), userTokens: makeUserTokenStore(trx) };
      const change = { userId: jo.id, passwordHash: 'another' };
      return changePassword({ ...edges, clock: clock.now }, change, trx);
    });
    expect(await isIn(replaced)).toBe(false);
  });

  it('keeps the address of a wrong password, escaped, and slows who guesses', async () => {
    const gateway = await startTestGateway();
    const jo = await addPerson(gateway);
    const guess = () =>
      post(gateway, '/sign-in').send({ email: jo.email, password: 'wrong', next: '/audit' });
    const refused = await guess();
    expect([refused.status, refused.text]).toEqual([
      403,
      expect.stringContaining(`value="${jo.email}"`),
    ]);
    expect(refused.text).toContain('name="next" value="/audit"');
    const hostile = await post(gateway, '/sign-in').send({ email: '"><script>', password: 'x' });
    expect(hostile.text).not.toContain('<script>');
    for (let more = 0; more < 4; more++) await guess();
    const right = await post(gateway, '/sign-in').send(jo);
    expect([right.status, right.headers['set-cookie']]).toEqual([429, undefined]);
    expect(right.headers['retry-after']).toBe('300');
    // Whoever guesses gets no other five by the way of programs.
    await signInForToken(gateway, jo).expect(429);
    const { text } = await callAdmin(gateway, 'get', '/metrics').expect(200);
    expect(text).toContain('everleaf_requests_refused_total{reason="rate-limited"} 2');
  });

  it('takes no address or password that nobody has', async () => {
    const gateway = await startTestGateway();
    const long = `${'x'.repeat(60_000)}@example.com`;
    for (const refused of [
      { email: long, password: 'x' },
      { email: 'jo\0@example.com', password: 'x' },
      { email: 'jo@example.com', password: 'x'.repeat(1_025) },
    ]) {
      const answer = await post(gateway, '/sign-in').send(refused);
      expect([answer.status, answer.headers['set-cookie']]).toEqual([400, undefined]);
      expect(answer.text).toContain('role="alert"');
    }
  });
});

describe('a form of the console', () => {
  it('is taken with the token of its session, from a page of this gateway alone', async () => {
    const gateway = await startTestGateway();
    const jo = await signIn(gateway, await addPerson(gateway));
    const eve = await signIn(gateway, await addPerson(gateway, 'eve@example.com'));
    const page = await eve.get('/tokens');
    const foreign = /name="form_token" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    for (const path of ['/tokens', '/tokens/withdraw', '/tokens/withdraw-all', '/sign-out']) {
      const statuses = await statusesOf([
        jo.post(path, { form_token: '' }),
        jo.post(path, { form_token: foreign }),
        jo.post(path).set('Origin', 'https://evil.example'),
        jo.post(path).set('Sec-Fetch-Site', 'cross-site'),
        jo.post(path).set('Sec-Fetch-Site', 'same-site'),
        jo.post(path).unset('Origin').unset('Sec-Fetch-Site'),
        jo.post(path).set('Host', 'rebound.example').disableTLSCerts(),
      ]);
      expect([path, ...statuses]).toEqual([path, ...Array<number>(7).fill(403)]);
    }
    await jo.get('/tokens').set('Host', 'rebound.example').disableTLSCerts().expect(403);
    await jo.get('/tokens').expect(200);
  });
});

describe('the way into the console', () => {
  it('leads a link in a mail over a page of its own, once', async () => {
    const gateway = await startTestGateway();
    const path = '/audit?action=user.added';
    const stranger = () => request(gateway.urls.admin).get(path).ca(gateway.ca);
    const bounced = await stranger().set('Sec-Fetch-Site', 'cross-site').expect(200);
    expect([bounced.headers['refresh'], bounced.headers['cache-control']]).toEqual([
      `0; url=${path}`,
      'no-store',
    ]);
    const again = await stranger().set('Sec-Fetch-Site', 'same-origin').expect(303);
    expect(again.headers['location']).toBe(`/sign-in?next=${encodeURIComponent(path)}`);
    const admin = await signIn(gateway);
    await admin.get(path).set('Sec-Fetch-Site', 'same-origin').expect(200);
  });

  it('never leads elsewhere', () => {
    const pieces = [
      '/',
      '//',
      '\\',
      '\t',
      '\n',
      ' ',
      'https:',
      'evil.example',
      '@',
      '%2f',
      '"',
      '.',
    ];
    const pairs = pieces.flatMap((a) => pieces.map((b) => a + b));
    const led = pairs.flatMap((a) => pairs.map((b) => ownPath(a + b)));
    const own = 'https://own.example';
    expect(led.filter((path) => new URL(path, `${own}/sign-in`).origin !== own)).toEqual([]);
  });

  it('has the same strict headers on every page', async () => {
    const gateway = await startTestGateway();
    const admin = await signIn(gateway);
    const paths = '/ /tokens /people /audit /announcements /authorities /authorities/projects';
    for (const path of [...paths.split(' '), '/sign-in']) {
      const { headers } = await admin.get(path).expect(200);
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        'content-security-policy':
          "default-src 'none';style-src 'self';script-src 'self';connect-src 'self';img-src 'self' data:;form-action 'self';base-uri 'none';frame-ancestors 'none'",
      });
    }
  });
});
