import { expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { openBrowser } from '../support/browser.js';
import type { Browser } from '../support/browser.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { startSignInHouse } from '../support/openid-provider.js';
import type { SignInHouse } from '../support/openid-provider.js';
import { eventsOf } from '../support/record.js';
import { replicaSettings } from '../support/replicas.js';
import { addPerson, callAsUser } from './person.js';

const email = 'jo@example.com';
const jo = { sub: 'jo-1', email: 'Jo@Example.com', email_verified: true, name: 'Jo Doe' };

const tokenOn = (page: Response): string =>
  /<pre>(evu_[\w-]{43})<\/pre>/.exec(page.text)?.[1] ?? '';

/** Everything that was written down, to look for what must not be there. */
async function writtenDown({ gateway }: SignInHouse): Promise<string> {
  const events = await gateway.database.db.selectFrom('audit_events').selectAll().execute();
  return JSON.stringify([gateway.logs, events]);
}

/** Sign-ins that are about to come back, each in a browser of its own. */
async function comingBack(
  { gateway, begin }: SignInHouse,
  count: number,
): Promise<readonly { readonly browser: Browser; readonly url: string }[]> {
  const browsers = Array.from({ length: count }, () => openBrowser(gateway));
  return Promise.all(
    browsers.map(async (browser) => ({ browser, url: await browser.followTo('/callback', begin) })),
  );
}

describeOnEachDatabase('a sign-in by OpenID Connect', (fresh) => {
  it('links a user by a verified address, then by identity alone, and makes a token', async () => {
    const house = await startSignInHouse(jo, replicaSettings((await fresh()).url));
    const { gateway, provider, browser, begin } = house;
    const { id, token } = await addPerson(gateway, email);
    const secrets: string[] = [];
    provider.tamper = (path, body) => {
      if (path === '/token') secrets.push(String(body['access_token']), String(body['id_token']));
    };

    const back = await browser.followTo('/callback', begin);
    const sealed = [...browser.cookiesOf(begin).values()];
    const page = await browser.get(back);

    expect([page.status, page.text]).toEqual([
      200,
      expect.stringContaining(`<strong>${email}</strong>`),
    ]);
    expect(page.headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none';style-src 'sha256-[\w+/]{43}=';form-action 'self';base-uri 'none';frame-ancestors 'none'$/,
      ),
    });
    const shown = await browser.submit(begin, page);
    const made = tokenOn(shown);
    expect(shown.text).toContain(`user login ${email} --token`);
    const { body } = await callAsUser(gateway, made, 'get', '/v1/me').expect(200);
    expect(body.user).toMatchObject({ user: email, auth: ['password', 'openid'] });
    await callAsUser(gateway, token, 'get', '/v1/me').expect(200);

    provider.account = { sub: jo.sub, email: 'other@example.com', email_verified: false };
    const again = await openBrowser(gateway).follow(begin);

    expect(again.text).toContain(`<strong>${email}</strong>`);
    const row = await gateway.database.db
      .selectFrom('users')
      .select(['openid_issuer', 'openid_subject'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    expect(row).toEqual({ openid_issuer: provider.issuer, openid_subject: jo.sub });
    const events = await eventsOf(gateway, 'user.linked', 'user.signed-in', 'user-token.created');
    expect(events.map(({ action, actor, holder }) => [action, actor, holder])).toEqual(
      ['user.linked', 'user.signed-in', 'user-token.created', 'user.signed-in'].map((action) => [
        action,
        `user:${email}`,
        email,
      ]),
    );
    const { searchParams } = new URL(back);
    const inUrl = ['code', 'state'].map((name) => searchParams.get(name) ?? '');
    const written = await writtenDown(house);
    expect(secrets).toHaveLength(4);
    for (const secret of [...secrets, ...sealed, ...inUrl, made]) {
      expect(secret.length).toBeGreaterThan(20);
      expect(written).not.toContain(secret);
    }
  });

  it('comes back once, and makes one token, of many attempts at once', async () => {
    const house = await startSignInHouse(jo, replicaSettings((await fresh()).url));
    const { gateway, browser, begin } = house;
    await addPerson(gateway, email);
    const back = await browser.followTo('/callback', begin);
    const cookies = [...browser.cookiesOf(begin)];
    const copies = Array.from({ length: 4 }, () => {
      const copy = openBrowser(gateway);
      for (const [name, value] of cookies) copy.cookiesOf(begin).set(name, value);
      return copy;
    });

    const pages = await Promise.all(copies.map((copy) => copy.get(back)));

    expect(pages.map(({ status }) => status).sort()).toEqual([200, 403, 403, 403]);
    const won = pages.findIndex(({ status }) => status === 200);
    const [winner, page] = [copies[won], pages[won]];
    if (!winner || !page) throw new Error('nobody won');
    const shown = await Promise.all([1, 2, 3].map(() => winner.submit(begin, page)));
    expect(shown.map(({ status }) => status).sort()).toEqual([200, 403, 403]);
    const refused = shown.find(({ status }) => status === 403);
    expect(refused?.text).toContain('This sign-in has been used already: begin again.');
    expect(await eventsOf(gateway, 'user-token.created')).toHaveLength(1);
    const used = gateway.database.db.selectFrom('openid_used').selectAll();
    expect(await used.execute()).toHaveLength(2);
    gateway.clock.advance(3 * 3600);
    await openBrowser(gateway).follow(begin);
    expect(await used.execute()).toHaveLength(1);
  });

  it('makes one user of many first sign-ins at once, with the projects it is invited to', async () => {
    const house = await startSignInHouse(jo, {
      ...replicaSettings((await fresh()).url),
      EVERLEAF_OPENID_SIGN_UP: 'example.org, EXAMPLE.com',
    });
    const { gateway } = house;
    const admin = await addPerson(gateway, 'root@example.com', { isAdmin: true });
    const asAdmin = (path: string, body: object) =>
      callAsUser(gateway, admin.token, 'post', path).send(body).expect(200);
    await asAdmin('/v1/project', { project: 'p1' });
    await asAdmin('/v1/project/p1/invite', { user_email: email, member_type: 'operator' });
    const sent = await comingBack(house, 3);

    const pages = await Promise.all(sent.map(({ browser, url }) => browser.get(url)));

    expect(pages.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(pages[0]?.text).toMatch(/You are Jo Doe,\s+<strong>jo@example\.com<\/strong>/);
    const added = await eventsOf(gateway, 'user.added', 'user.linked');
    expect(added.filter(({ holder }) => holder === email)).toHaveLength(2);
    const { body } = await callAsUser(gateway, admin.token, 'get', '/v1/project/p1/users');
    expect(body.users).toContainEqual(
      expect.objectContaining({ user_email: email, member_type: 'operator', auth: ['openid'] }),
    );
  });
});
