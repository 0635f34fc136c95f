import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import request from 'supertest';
import { openBrowser } from '../support/browser.js';
import { startSignInHouse } from '../support/openid-provider.js';
import { eventsOf } from '../support/record.js';
import { addPerson } from './person.js';
import { expectPage } from './sign-in-page.js';

const email = 'jo@example.com';
const jo = { sub: 'jo-1', email, email_verified: true, name: 'Jo' };
const stale = 'This sign-in took too long, or began in another tab or browser';
const foreign = 'The answer of the provider does not belong to this sign-in';
const cookieName = '__Host-everleaf-sign-in';

type Change = (query: URLSearchParams) => void;

function changed(url: string, change: Change): string {
  const copy = new URL(url);
  change(copy.searchParams);
  return copy.href;
}

describe('a browser that comes back', () => {
  it('is refused with another state, without its cookie, by another method, and too late', async () => {
    const { gateway, browser, begin } = await startSignInHouse(jo);
    await addPerson(gateway, email);
    const back = await browser.followTo('/callback', begin);
    const state = new URL(back).searchParams.get('state') ?? '';
    const changes: readonly Change[] = [
      (query) => query.set('state', 'x'),
      (query) => query.delete('state'),
      (query) => query.set('state', 'x'.repeat(8000)),
      (query) => {
        query.set('state', 'x');
        query.append('state', state);
      },
    ];
    for (const change of changes) expectPage(await browser.get(changed(back, change)), 403, stale);
    expectPage(await openBrowser(gateway).get(back), 403, stale);
    const { origin, pathname, search } = new URL(back);
    const Cookie = [...browser.cookiesOf(begin)].map((pair) => pair.join('=')).join('; ');
    for (const method of ['head', 'post', 'put', 'options'] as const) {
      const asking = request(origin)
        [method](pathname + search)
        .set({ Cookie });
      expect((await asking.ca(gateway.ca)).status).toBe(405);
    }
    const tooLong = changed(back, (query) => query.set('code', 'x'.repeat(20_000)));
    expect((await browser.get(tooLong)).status).toBe(431);
    const late = openBrowser(gateway);
    const lateBack = await late.followTo('/callback', begin);

    expect((await browser.get(back)).status).toBe(200);

    gateway.clock.advance(601);
    expectPage(await late.get(lateBack), 403, stale);
  });

  it('is refused with an error, the name of another issuer, no code, or one that is none', async () => {
    const { gateway, begin } = await startSignInHouse(jo);
    await addPerson(gateway, email);
    const cases: readonly (readonly [Change, number, string])[] = [
      [(query) => query.set('error', 'access_denied'), 403, 'ended the sign-in: access_denied.'],
      [(query) => query.set('error', '<script>alert(1)</script>'), 403, foreign],
      [(query) => query.set('error', 'server_error'), 503, 'does not answer'],
      [(query) => query.set('error', 'unauthorized_client'), 503, 'does not accept this gateway'],
      [(query) => query.set('iss', 'https://evil.example.com'), 403, foreign],
      [(query) => query.delete('iss'), 403, foreign],
      [(query) => query.delete('code'), 403, foreign],
      [(query) => query.append('code', 'x'), 403, foreign],
      [(query) => query.set('code', 'x'), 403, 'does not know this sign-in any more'],
      [(query) => query.set('code', 'x'.repeat(6000)), 403, 'does not know this sign-in any more'],
    ];
    for (const [change, status, sentence] of cases) {
      const browser = openBrowser(gateway);
      const back = await browser.followTo('/callback', begin);
      expectPage(await browser.get(changed(back, change)), status, sentence);
    }
    expect(await eventsOf(gateway, 'user.signed-in')).toEqual([]);
  });

  it('is refused with any cookie and query that are not ours', async () => {
    const { gateway, browser, begin } = await startSignInHouse(jo);
    const back = await browser.followTo('/callback', begin);
    const { search } = new URL(back);
    const sealed = browser.cookiesOf(begin).get(cookieName) ?? '';
    const cut = fc.nat({ max: sealed.length - 1 }).map((length) => sealed.slice(0, length));
    const swapped = fc
      .nat({ max: sealed.length - 2 })
      .map(
        (at) => `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`,
      );
    const cookies = fc.oneof(
      cut,
      swapped,
      fc.base64String().map((text) => `v1.${text}`),
    );
    const queries = fc.oneof(
      fc.constant(search),
      fc.webQueryParameters().map((text) => `?${text}`),
    );
    const trial = fc.asyncProperty(cookies, queries, async (cookie, query) => {
      const other = openBrowser(gateway);
      other.cookiesOf(begin).set(cookieName, cookie);
      const { status } = await other.get(`${begin}/callback${query}`);
      expect([400, 403]).toContain(status);
    });

    await fc.assert(trial, { numRuns: 60 });

    expect((await eventsOf(gateway, 'user.signed-in')).length).toBe(0);
    expect(gateway.logs.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('an ID token', () => {
  it('of somebody else, for somebody else, over, or changed is refused', async () => {
    const { gateway, provider, begin } = await startSignInHouse(jo);
    await addPerson(gateway, email);
    const changes: readonly ((claims: Record<string, unknown>) => object | string)[] = [
      (claims) => ({ ...claims, nonce: 'x' }),
      ({ nonce: _nonce, ...claims }) => claims,
      (claims) => ({ ...claims, iss: 'https://evil.example.com' }),
      (claims) => ({ ...claims, aud: 'other' }),
      (claims) => ({ ...claims, exp: 1_000_000_000 }),
      (claims) => ({ ...claims, sub: 'x'.repeat(256) }),
      (claims) => ({ ...claims, sub: 'a\u0000b' }),
      (claims) => `${provider.signToken(claims).slice(0, -8)}AAAAAAAA`,
    ];
    for (const change of changes) {
      provider.tamper = (path, body) => {
        if (path !== '/token') return;
        const [, payload = ''] = String(body['id_token']).split('.');
        const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
        const other = change(claims as Record<string, unknown>);
        body['id_token'] = typeof other === 'string' ? other : provider.signToken(other);
      };
      expectPage(await openBrowser(gateway).follow(begin), 403, foreign);
    }
    provider.tamper = (path, body) => {
      if (path === '/me') body['sub'] = 'other';
    };
    expectPage(await openBrowser(gateway).follow(begin), 403, foreign);
    expect(await eventsOf(gateway, 'user.signed-in')).toEqual([]);
    const refused = await eventsOf(gateway, 'request.refused');
    expect(refused.map(({ level }) => level)).toEqual(['warning']);
  });
});
