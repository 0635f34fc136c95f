import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInChromium, openAs, picture, seriousViolations } from '../support/chromium.js';
import { pair, startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { day, openServiceHouse } from '../support/service-users.js';

describeInChromium('overview and applications in a browser', (open) => {
  it('show what ends, make a token once, and revoke', async () => {
    const gateway = await startTestGateway();
    await fill(gateway);
    const page = await open();
    await openAs(page, gateway);
    const timeline = page.getByRole('img', { name: 'What ends over the next 12 months' });
    expect(await timeline.locator('rect.bar').count()).toBeGreaterThan(2);
    await page.getByRole('button', { name: 'Acknowledge' }).waitFor();

    await page.getByRole('link', { name: 'Applications', exact: true }).click();
    await page.getByLabel('Search').fill('ship');
    await page.locator('#list tbody tr').nth(1).waitFor({ state: 'detached' });
    expect(await page.locator('#list tbody a').allTextContents()).toEqual(['shipping']);
    expect(page.url()).toContain('q=ship');
    expect(await focused(page)).toBe('q');
    await page.locator('#told', { hasText: '1 shown' }).waitFor();
    expect(await page.evaluate('JSON.stringify({ ...sessionStorage, ...localStorage })')).toBe(
      '{"htmx-current-path-for-history":"/applications?q=ship&state="}',
    );
    await page.goBack();
    await page.locator('#list tbody tr').nth(3).waitFor();
    expect(await page.getByLabel('Search').inputValue()).toBe('');

    await page.getByRole('button', { name: 'Make a token' }).press('Space');
    await page.getByLabel('Name of the application').fill('not/this');
    await page.getByRole('button', { name: 'Make the token' }).click();
    await page.getByRole('alert').waitFor();
    expect([await page.title(), await focused(page)]).toEqual([
      'Problem: Make a token - Applications - Everleaf',
      'problem',
    ]);
    expect(await page.getByLabel('Name of the application').inputValue()).toBe('not/this');
    await page.getByLabel('Name of the application').fill('warehouse');
    await page.getByRole('button', { name: 'Make the token' }).click();
    await page.getByText(/[45]:\d\d left/).waitFor();
    expect(await page.locator('[aria-live] .countdown, [role=status] .countdown').count()).toBe(0);
    expect(await page.locator('#curl-lines').textContent()).toContain('curl --cacert ca.crt');
    expect(await seriousViolations(page)).toEqual([]);
    await picture(page, 'token-made-1280-light');
    await page.setViewportSize({ width: 390, height: 900 });
    await picture(page, 'token-made-390-light');
    await page.setViewportSize({ width: 1280, height: 900 });

    await page.getByRole('button', { name: 'To the application' }).click();
    await page.getByText('It has no certificate yet.').waitFor();
    await page.goto(`${gateway.urls.admin}/applications/shop`);
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page.getByLabel('Reason').selectOption('keyCompromise');
    await page.getByRole('button', { name: 'Revoke the certificate' }).click();
    await page.getByText('The certificate is revoked').waitFor();
    await page.getByText(/by user:admin@localhost: keyCompromise/).waitFor();
  }, 120_000);
});

function focused(page: Page): Promise<string> {
  return page.evaluate('document.activeElement.id');
}

/** Applications in every state, and a service whose users' renewals wait. */
async function fill(gateway: TestGateway): Promise<void> {
  const { db } = gateway.database;
  const house = await openServiceHouse(gateway);
  const { id: user_id } = await db
    .selectFrom('users')
    .select('id')
    .where('email', '=', 'admin@localhost')
    .executeTakeFirstOrThrow();
  const joined_at = gateway.clock.now();
  await db
    .insertInto('organization_members')
    .values({ organization_id: house.organization, user_id, is_admin: 1, joined_at })
    .execute();
  await house.addService({ name: 'kafka-1' });
  await house.addUser('orders', { validitySeconds: 80 * day });
  await house.addUser('billing', { validitySeconds: 200 * day });
  await house.pass();
  for (const [name, days] of [
    ['shop', 92],
    ['shipping', 12],
    ['a-rather-long-name-of-an-application-that-somebody-chose', 150],
    ['old', -3],
  ] as const) {
    const { sha256 } = await pair(gateway, name);
    const not_after = gateway.clock.now() + days * day;
    await db.updateTable('certificates').set({ not_after }).where('sha256', '=', sha256).execute();
  }
}
