import { describe, expect, it } from '@jest/globals';
import { openBrowser, sameOrigin } from '../support/browser.js';
import { startSignInHouse } from '../support/openid-provider.js';
import type { SignInHouse } from '../support/openid-provider.js';
import { eventsOf } from '../support/record.js';
import { addPerson, callAsUser, signIn } from './person.js';
import { expectPage } from './sign-in-page.js';

const email = 'jo@example.com';
const jo = { sub: 'jo-1', email, email_verified: true, name: 'Jo' };
const stale = 'This sign-in took too long, or began in another tab or browser';

async function arrive({ gateway, begin }: SignInHouse) {
  const browser = openBrowser(gateway);
  return { browser, page: await browser.follow(begin) };
}

describe('the form that makes a token', () => {
  it('is taken from the page of this gateway alone', async () => {
    const house = await startSignInHouse(jo);
    const { gateway, begin } = house;
    await addPerson(gateway, email);
    const { browser, page } = await arrive(house);
    const headers: readonly Readonly<Record<string, string>>[] = [
      {},
      { Origin: 'null' },
      { Origin: 'https://evil.example.com' },
      { Origin: 'https://evil.example.com', 'Sec-Fetch-Site': 'same-origin' },
      { Origin: gateway.urls.admin, 'Sec-Fetch-Site': 'same-site' },
      { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' },
    ];

    for (const one of headers) {
      const sentence = 'This form did not come from the page of this gateway';
      expectPage(await browser.submit(begin, page, one), 403, sentence);
    }

    const asText = await browser.submit(begin, page, { ...sameOrigin, 'Content-Type': 'a/b' });
    expectPage(asText, 415, 'Send the form as application/x-www-form-urlencoded.');
    expect((await browser.submit(begin, page, { Origin: gateway.urls.admin })).status).toBe(200);
  });

  it('is taken from the browser that signed in, while the user is the same', async () => {
    const house = await startSignInHouse(jo);
    const { gateway, begin } = house;
    const { id } = await addPerson(gateway, email);
    const { browser, page } = await arrive(house);
    const users = gateway.database.db.updateTable('users').where('id', '=', id);
    const other = await arrive(house);
    expectPage(await other.browser.submit(begin, page), 403, stale);
    expectPage(await openBrowser(gateway).submit(begin, page), 403, stale);
    const away = openBrowser(gateway);
    await away.followTo('/callback', begin);
    const [begun = ''] = away.cookiesOf(begin).values();
    const text = page.text.replaceAll(/value="[^"]*"/g, `value="${begun}"`);
    expectPage(await browser.submit(begin, { text }), 403, stale);
    await users.set({ state: 'disabled' }).execute();
    expectPage(await browser.submit(begin, page), 403, stale);
    await users.set({ state: 'active', openid_subject: 'another' }).execute();
    expectPage(await browser.submit(begin, page), 403, stale);
    await users.set({ openid_subject: jo.sub }).execute();

    expect((await browser.submit(begin, page)).status).toBe(200);

    expect(await eventsOf(gateway, 'user-token.created')).toHaveLength(1);
  });

  it('is taken for five minutes, and until all tokens are ended', async () => {
    const house = await startSignInHouse(jo);
    const { gateway, begin } = house;
    const { password } = await addPerson(gateway, email);
    const ended = await arrive(house);
    gateway.clock.advance(1);
    const { body } = await signIn(gateway, { email, password }).expect(200);
    await callAsUser(gateway, String(body.token), 'post', '/v1/me/expire_tokens').expect(200);
    expectPage(await ended.browser.submit(begin, ended.page), 403, stale);
    const late = await arrive(house);
    const inTime = await arrive(house);
    gateway.clock.advance(300);
    expect((await inTime.browser.submit(begin, inTime.page)).status).toBe(200);
    gateway.clock.advance(1);
    expectPage(await late.browser.submit(begin, late.page), 403, stale);
  });
});
