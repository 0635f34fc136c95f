import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describeInChromium, lookAt, picture, seriousViolations } from '../support/chromium.js';
import { openAs } from '../support/chromium.js';
import { startTestGateway } from '../support/gateway.js';
import { openGovernance } from '../support/governance.js';
import { addAccess, passwordOf, setCertificates } from '../support/rotations.js';

const fields = ['Password', 'Access certificate', 'Access key', 'CA certificate'];

const inSidebar = (page: Page, text: string) =>
  page.locator('aside').getByRole('link', { name: text });

async function toGovernance(page: Page): Promise<void> {
  await page.getByText('Tools', { exact: true }).click();
  await page.getByRole('link', { name: 'Apache Kafka governance operations' }).click();
}

describeInChromium('page 002: rotate credentials for an Apache Kafka subscription', (open) => {
  it('is requested by one member, approved by another, and viewed once', async () => {
    const governed = await openGovernance(await startTestGateway());
    const { gateway, organization, ann, ben } = governed;
    await setCertificates(governed, true);
    await addAccess(governed, 'invoices', [ben, governed.cleo]);
    const [asAnn, asBen] = [
      { email: ann.email, password: await passwordOf(governed, ann) },
      { email: ben.email, password: await passwordOf(governed, ben) },
    ];
    const look = async (path: string, name: string, person = asAnn) => {
      expect(await lookAt(open, gateway, { path, name, person })).toEqual([]);
    };
    const [anns, bens] = [await open(), await open({ hasScript: false })];

    // Request a credential rotation
    await openAs(anns, gateway, { person: asAnn });
    await toGovernance(anns);
    await inSidebar(anns, 'Access overview').click();
    expect(await anns.locator('aside').innerText()).toContain('Streaming catalog');
    const row = anns
      .getByRole('row')
      .filter({ hasText: 'orders.v1' })
      .filter({ hasText: 'owners' });
    await row.getByText('...').click();
    await picture(anns, 'governance-menu');
    expect(await seriousViolations(anns)).toEqual([]);
    await row.getByRole('link', { name: 'Request credential rotation' }).click();
    await look(new URL(anns.url()).pathname, 'governance-ask');
    await anns.getByLabel('Message').fill('The laptop was stolen.\nPlease hurry.');
    await anns.getByRole('button', { name: 'Submit' }).click();
    await anns.getByText('Another member has to approve it').waitFor();
    expect(await anns.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    const requestPath = new URL(anns.url()).pathname;
    await look(`/governance/${organization}/access`, 'governance-overview');

    // Approve a credential rotation
    await openAs(bens, gateway, { person: asBen });
    await toGovernance(bens);
    await inSidebar(bens, 'Approvals').click();
    await look(new URL(bens.url()).pathname, 'governance-approvals', asBen);
    await bens.getByRole('link', { name: 'Rotate credentials' }).click();
    await bens.getByText('Another member of the owner group must approve').waitFor();
    await bens.getByText('Decline', { exact: true }).click();
    await picture(bens, 'governance-decide-open');
    await look(requestPath, 'governance-decide', asBen);
    await bens.getByRole('button', { name: 'Approve' }).click();
    await bens.getByText('You approved the request.').waitFor();

    // View and download credentials
    await look(requestPath, 'governance-request');
    await look(`/governance/${organization}/requests`, 'governance-requests');
    await inSidebar(anns, 'Access overview').click();
    await row.getByText('...').click();
    await row.getByRole('link', { name: 'Review credentials' }).click();
    await look(new URL(anns.url()).pathname, 'governance-review');
    await anns.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await anns.getByRole('button', { name: 'Show credentials' }).click();
    await anns.getByRole('heading', { name: 'Save service user credentials' }).waitFor();
    await anns
      .getByText('Credentials can only be viewed once. Make sure to save them securely.')
      .waitFor();
    await picture(anns, 'governance-save-closed');
    const shown: Record<string, string> = {};
    for (const name of fields) {
      const field = anns.getByRole('region', { name });
      expect(await field.locator('pre').isVisible()).toBe(false);
      await field.getByText('Show').click();
      shown[name] = await field.locator('pre').innerText();
      await field.getByRole('button', { name: 'Copy' }).click();
      const copied: string = await anns.evaluate('navigator.clipboard.readText()');
      expect(copied.trim()).toBe(shown[name].trim());
    }
    expect(shown['Access key']).toContain('BEGIN PRIVATE KEY');
    const save = async (name: string): Promise<string> => {
      const [download] = await Promise.all([
        anns.waitForEvent('download'),
        anns.getByRole('link', { name, exact: true }).click(),
      ]);
      return readFileSync(await download.path(), 'utf8');
    };
    expect(JSON.parse(await save('Download credentials'))).toMatchObject({
      credentials: { username: 'orders', password: shown['Password'] },
    });
    expect((await save('service.key')).trim()).toBe(shown['Access key']?.trim());
    expect(await save('client.properties')).toContain('keystore');
    for (const width of [1280, 390])
      for (const colorScheme of ['light', 'dark'] as const) {
        await anns.setViewportSize({ width, height: 900 });
        await anns.emulateMedia({ colorScheme });
        expect(await seriousViolations(anns)).toEqual([]);
        await picture(anns, `governance-save-${String(width)}-${colorScheme}`);
      }
    await anns.reload();
    await anns.getByText('The credentials have been revealed already').waitFor();
    expect(await anns.content()).not.toContain('PRIVATE');
    await picture(anns, 'governance-unseen');
  }, 60_000);
});
