import { describe, expect, it } from '@jest/globals';
import { renameSync } from 'node:fs';
import { openBrowser } from '../support/browser.js';
import { startSignInHouse } from '../support/openid-provider.js';
import type { Account, SignInHouse } from '../support/openid-provider.js';
import { eventsOf } from '../support/record.js';
import { addPerson, callAsUser, signIn } from './person.js';
import { expectPage } from './sign-in-page.js';

const email = 'jo@example.com';
const notAccepted = 'The provider does not accept this gateway';
const jo: Account = { sub: 'jo-1', email, email_verified: true, name: 'Jo' };

async function usersOf({ gateway }: SignInHouse) {
  const rows = await gateway.database.db.selectFrom('users').selectAll().orderBy('email').execute();
  return rows.map((row) => ({ ...row, last_activity_at: null }));
}

describe('an identity that may not sign in', () => {
  it('is told why, changes nothing, and stands in the audit log', async () => {
    const house = await startSignInHouse(jo, { EVERLEAF_OPENID_SIGN_UP: 'example.org' });
    const { gateway, provider, begin } = house;
    const people = {
      run: async (account: Account) => {
        provider.account = account;
        return openBrowser(gateway).follow(begin);
      },
    };
    await addPerson(gateway, email);
    await addPerson(gateway, 'off@example.com');
    const { db } = gateway.database;
    await db
      .updateTable('users')
      .set({ state: 'disabled' })
      .where('email', '=', 'off@example.com')
      .execute();
    expect((await people.run(jo)).status).toBe(200);
    const before = await usersOf(house);
    const cases: readonly (readonly [Account, string])[] = [
      [
        { sub: 'x1', email: 'off@example.com', email_verified: true },
        'The user off@example.com is disabled',
      ],
      [
        { sub: 'x2', email: 'root@localhost', email_verified: false },
        'has not verified that root@localhost is yours',
      ],
      [
        { sub: 'x3', email: 'root@localhost', email_verified: 'true' },
        'has not verified that root@localhost is yours',
      ],
      [{ sub: 'x4', email: 'root@localhost' }, 'has not verified that root@localhost is yours'],
      [{ sub: 'x5' }, 'named no e-mail address'],
      [{ sub: 'x6', email: 'jo@@example.com', email_verified: true }, 'named no e-mail address'],
      [
        { sub: 'x7', email: 'no@example.com', email_verified: true },
        'No user has the address no@example.com',
      ],
      [
        { sub: 'x8', email: 'no@a.example.org', email_verified: true },
        'No user has the address no@a.example.org',
      ],
      [
        { sub: 'x9', email, email_verified: true },
        `The user ${email} signs in with another account`,
      ],
    ];
    for (const [account, sentence] of cases) expectPage(await people.run(account), 403, sentence);

    await db.updateTable('users').set({ state: 'disabled' }).where('email', '=', email).execute();
    expectPage(await people.run(jo), 403, `The user ${email} is disabled`);
    await db.updateTable('users').set({ state: 'active' }).where('email', '=', email).execute();

    expect(await usersOf(house)).toEqual(before);
    expect(await eventsOf(gateway, 'user.signed-in')).toHaveLength(1);
    const refused = await eventsOf(gateway, 'user.sign-in-refused');
    const told = refused.map(({ holder, detail }) => [
      holder,
      (JSON.parse(detail) as { reason: string }).reason,
    ]);
    expect(told).toEqual([
      ['off@example.com', 'user-disabled'],
      [null, 'address-unverified'],
      [null, 'address-unknown'],
      [email, 'identity-differs'],
      [email, 'user-disabled'],
    ]);
    const { body } = await signIn(gateway, { email: 'no@example.com', password: 'x' }).expect(403);
    provider.account = {
      sub: 'new',
      email: 'new@example.org',
      email_verified: true,
      name: ' \u0007',
    };
    expect((await openBrowser(gateway).follow(begin)).status).toBe(200);
    const without = await signIn(gateway, { email: 'new@example.org', password: 'x' }).expect(403);
    expect(without.body.message).toBe(body.message);
  });
});

describe('a provider', () => {
  it('that is down, or another one, leaves the rest of the gateway alone', async () => {
    const { gateway, provider, browser, begin } = await startSignInHouse(jo);
    const { token, password } = await addPerson(gateway, email);
    const down =
      'The provider of sign-ins does not answer: try again later, or sign in with a password.';
    provider.isDown = true;
    expectPage(await browser.follow(begin), 503, down);
    await callAsUser(gateway, token, 'get', '/v1/me').expect(200);
    await signIn(gateway, { email, password }).expect(200);
    provider.isDown = false;
    provider.tamper = (_path, body) => {
      if ('issuer' in body) body['issuer'] = 'https://evil.example.com';
    };
    expectPage(await browser.follow(begin), 503, notAccepted);
    provider.tamper = () => undefined;
    const back = await browser.followTo('/callback', begin);
    provider.isDown = true;
    expectPage(await browser.get(back), 503, down);
    provider.isDown = false;
    expect((await browser.follow(begin)).status).toBe(200);
    const errors = gateway.logs.filter(({ level }) => level === 'error');
    expect(errors).toHaveLength(3);
    expect(String(errors[1]?.['err'])).toContain('does not fit EVERLEAF_OPENID_ISSUER');
    const { searchParams } = new URL(back);
    for (const name of ['code', 'state'])
      expect(errors.map(String).join()).not.toContain(searchParams.get(name));
  });

  it.each(['client_secret_basic', 'client_secret_post'] as const)(
    'takes the secret by %s',
    async (method) => {
      const { gateway, browser, begin } = await startSignInHouse(jo, {}, { method });
      await addPerson(gateway, email);
      expect((await browser.follow(begin)).status).toBe(200);
    },
  );

  it('that refuses the secret is told to the administrator', async () => {
    const secret = 'a wrong secret';
    const proof = { method: 'client_secret_basic', secret } as const;
    const { gateway, browser, begin } = await startSignInHouse(jo, {}, proof);
    expectPage(await browser.follow(begin), 503, notAccepted);
    const [error] = gateway.logs.filter(({ level }) => level === 'error');
    expect(String(error?.['err'])).toMatch(/OAUTH_WWW_AUTHENTICATE_CHALLENGE|invalid_client/);
    expect(JSON.stringify(gateway.logs)).not.toContain(secret);
  });

  it('whose secret is gone from its file is told to the administrator', async () => {
    const { gateway, browser, begin } = await startSignInHouse(
      jo,
      {},
      { method: 'client_secret_basic' },
    );
    await addPerson(gateway, email);
    const file = gateway.settings['EVERLEAF_OPENID_CLIENT_SECRET_FILE'] ?? '';
    renameSync(file, `${file}.away`);
    expectPage(await browser.follow(begin), 503, notAccepted);
    const [error] = gateway.logs.filter(({ level }) => level === 'error');
    expect(String(error?.['err'])).toContain(`${file} cannot be read (ENOENT)`);
    renameSync(`${file}.away`, file);
    expect((await browser.follow(begin)).status).toBe(200);
  });
});
