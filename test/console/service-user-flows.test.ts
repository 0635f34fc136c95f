import { expect, it } from '@jest/globals';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { describeInChromium, openAs, picture, seriousViolations } from '../support/chromium.js';
import { appPage, openConsoleHouse, usersPage } from '../support/console-services.js';
import type { ConsoleHouse } from '../support/console-services.js';
import { startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { renewUser } from '../support/services.js';
import { verifyTogether } from '../support/verify.js';

const banner = 'is expiring';
const overview = '/projects/p1/services/kafka-1';

/** Clicks and gives what the browser saved. */
async function downloaded(page: Page, click: () => Promise<void>) {
  const [download] = await Promise.all([page.waitForEvent('download'), click()]);
  return { name: download.suggestedFilename(), content: readFileSync(await download.path()) };
}

describeInChromium('the users of a service in a browser', (open) => {
  it('show the new certificate, whose use is acknowledged, and the CA certificate', async () => {
    const gateway = await startTestGateway();
    const house = await openConsoleHouse(gateway);
    await renewUser(gateway, 'app');
    const page = await open();
    await openAs(page, gateway, { path: '/projects', person: await house.addVisitor('operator') });
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole('link', { name: 'p1' }).click();
    await page.getByRole('link', { name: 'kafka-1' }).first().click();
    expect(new URL(page.url()).pathname).toBe(overview);
    await takeNewCredentials(page, house);
    await acknowledge(page, house);
    await downloadCa(page, house);
    await changeOnRequest(page, house);
    await searchAsOneTypes(page, gateway);
    await searchTooLate(page);
  }, 120_000);
});

async function takeNewCredentials(page: Page, house: ConsoleHouse): Promise<void> {
  const fresh = await house.user('app');
  const note = page.locator('.banner');
  expect(await note.textContent()).toContain(banner);
  expect(await note.textContent()).toContain('app');
  await page.locator('aside').getByRole('link', { name: 'Users' }).click();
  const row = page.getByRole('row').filter({ hasText: 'app' });
  expect(await row.textContent()).toContain('Expiring');
  await row.getByText('Show access key').click();
  expect(await page.locator('#secret-key').textContent()).toBe(fresh.access_key);
  expect(await page.locator('#secret-cert').count()).toBe(0);
  expect(await focused(page)).toBe('Access key');
  await page.getByText('Show access cert').click();
  expect(await page.locator('#secret-key').textContent()).toBe(fresh.access_key);
  expect(await page.locator('#secret-cert').textContent()).toBe(fresh.access_cert);
  expect(await focused(page)).toBe('Access cert');
  expect([page.url().endsWith('/credentials'), page.url().includes('?')]).toEqual([true, false]);
  await picture(page, 'service-user-shown');
  expect(await seriousViolations(page)).toEqual([]);
  await page.getByRole('button', { name: 'PEM' }).click();
  const files = new Map<string, Buffer>();
  for (const name of ['ca.pem', 'service.cert', 'service.key']) {
    const file = await downloaded(page, () => page.getByLabel(`Download ${name}`).click());
    files.set(file.name, file.content);
  }
  await picture(page, 'service-user-files');
  expect(await seriousViolations(page)).toEqual([]);
  const certificate = new X509Certificate(files.get('service.cert') ?? '');
  expect(certificate.checkPrivateKey(createPrivateKey(files.get('service.key') ?? ''))).toBe(true);
  expect(certificate.toString()).toBe(fresh.access_cert);
  expect(files.has('ca.pem')).toBe(true);
}

async function acknowledge(page: Page, house: ConsoleHouse): Promise<void> {
  await page.locator('.banner').getByRole('link', { name: 'Users' }).click();
  const row = page.getByRole('row').filter({ hasText: 'app' });
  await leaveMenu(page, row);
  await row.getByText('...').click();
  await picture(page, 'service-users-menu');
  await row.getByText('Acknowledge certificate').click();
  await page.getByText('The certificate is acknowledged').waitFor();
  expect(await page.locator('.banner').count()).toBe(0);
  expect(await page.getByText('Expiring').count()).toBe(0);
  expect(await house.user('app')).not.toHaveProperty('expiring_cert_not_valid_after_time');
}

/** By the keyboard alone: Escape leads back to where the menu was opened, and going on closes it. */
async function leaveMenu(page: Page, row: Locator): Promise<void> {
  const isOpen = () => row.locator('details[open]').count();
  await row.getByText('...').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  expect([await isOpen(), await focused(page)]).toEqual([1, 'Acknowledge certificate of app']);
  await page.keyboard.press('Escape');
  expect([await isOpen(), await focused(page)]).toEqual([0, '...']);
  await page.keyboard.press('Enter');
  const items = await row.locator('details li').count();
  for (let at = 0; at < items; at += 1) await page.keyboard.press('Tab');
  expect(await isOpen()).toBe(1);
  await page.keyboard.press('Tab');
  expect(await isOpen()).toBe(0);
}

function focused(page: Page): Promise<string> {
  return page.evaluate('document.activeElement.textContent');
}

async function downloadCa(page: Page, house: ConsoleHouse): Promise<void> {
  await page.locator('aside').getByRole('link', { name: 'Overview' }).click();
  const section = page.locator('h2', { hasText: 'Connection information' }).locator('+ .card');
  await section.getByRole('heading', { name: 'CA Certificate' }).waitFor();
  const { name, content } = await downloaded(page, () => section.getByText('Download').click());
  expect(name).toBe('ca.pem');
  const { access_cert: certPem } = await house.user('app');
  await verifyTogether([{ certPem, bundle: content.toString('utf8') }]);
}

async function changeOnRequest(page: Page, house: ConsoleHouse): Promise<void> {
  for (const [item, button] of [
    ['Renew now', 'Renew now'],
    ['Reset credentials', 'Reset credentials'],
  ] as const) {
    const before = await house.user('app');
    await page.goto(new URL(appPage, page.url()).href);
    await page.getByText('...', { exact: true }).click();
    await page.getByRole('link', { name: item }).click();
    await picture(page, item.replace(' ', '-').toLowerCase());
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole('button', { name: button }).click();
    await page.getByRole('status').waitFor();
    expect((await house.user('app')).access_key).not.toBe(before.access_key);
  }
}

async function searchAsOneTypes(page: Page, gateway: TestGateway): Promise<void> {
  await page.goto(`${gateway.urls.admin}${usersPage}`);
  await page.getByLabel('Find a user').pressSequentially('AVN');
  await page
    .locator('#users')
    .getByRole('link', { name: 'app', exact: true })
    .waitFor({ state: 'detached' });
  expect(await page.getByRole('row').filter({ hasText: 'avnadmin' }).count()).toBe(1);
  await page.locator('#told', { hasText: '1 shown' }).waitFor();
  await page.setViewportSize({ width: 390, height: 900 });
  const columns = await namedColumns(page);
  expect(columns).toEqual(['User', 'Certificate', 'Valid until', 'Credentials', 'Actions']);
}

/** The session has ended meanwhile: to sign in again, and back to what was looked for. */
async function searchTooLate(page: Page): Promise<void> {
  await page.context().clearCookies();
  await page.getByLabel('Find a user').pressSequentially('X');
  await page.getByLabel('Password').waitFor();
  expect(new URL(page.url()).searchParams.get('next')).toBe(`${usersPage}?q=AVNX`);
}

/** The headers of the columns as the browser tells them to a reader; on a phone nothing else names the cells. */
async function namedColumns(page: Page): Promise<unknown[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  return nodes
    .filter(({ role, ignored }) => role?.value === 'columnheader' && !ignored)
    .map(({ name }): unknown => name?.value);
}
