import { expect, it } from '@jest/globals';
import { addPerson } from '../people/person.js';
import { describeInChromium } from '../support/chromium.js';
import { startSignInHouse } from '../support/openid-provider.js';

describeInChromium('a sign-in by OpenID Connect in a browser', (open) => {
  it('begins a session, which a link on another site then finds', async () => {
    const email = 'jo@example.com';
    const { gateway } = await startSignInHouse({ sub: 'jo-1', email, email_verified: true });
    await addPerson(gateway, email);
    const page = await open();
    await page.goto(`${gateway.urls.admin}/tokens`);
    await page.getByRole('button', { name: "Sign in with your organization's account" }).click();
    await page.getByRole('button', { name: 'Go on to the console' }).click();
    await page.getByText(email).first().waitFor();
    const cookies = await page.context().cookies();
    expect(cookies.find(({ name }) => name === '__Host-everleaf-session')).toMatchObject({
      httpOnly: true,
      secure: true,
      sameSite: 'Strict',
    });
    await page.goto(`data:text/html,<a href="${gateway.urls.admin}/tokens">A mail</a>`);
    await page.getByText('A mail').click();
    await page.getByRole('heading', { name: 'Make a token' }).waitFor();
    expect(page.url()).toBe(`${gateway.urls.admin}/tokens`);

    await page.goto(`${gateway.urls.admin}/sign-in/openid`);
    await page.getByRole('button', { name: 'Go on to the console' }).click();
    await page.getByText(email).first().waitFor();
    const kept = await gateway.database.db.selectFrom('sessions').selectAll().execute();
    expect(kept).toHaveLength(1);
  }, 60_000);
});
