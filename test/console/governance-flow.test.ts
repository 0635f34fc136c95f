import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import {
  describeInChromium,
  lookHere,
  openAs,
  picture,
  seriousViolations,
} from '../support/chromium.js';
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
    const { gateway, ann, ben } = governed;
    await setCertificates(governed, true);
    await addAccess(governed, 'invoices', [ben, governed.cleo]);
    const [asAnn, asBen] = [
      { email: ann.email, password: await passwordOf(governed, ann) },
      { email: ben.email, password: await passwordOf(governed, ben) },
    ];
    const look = async (page: Page, name: string) => {
      expect(await lookHere(page, name)).toEqual([]);
    };
    const [anns, bens, seeing] = [await open(), await open({ hasScript: false }), await open()];

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
    await look(anns, 'governance-ask');
    await anns.getByLabel('Message').fill('The laptop was stolen.\nPlease hurry.');
    await anns.getByRole('button', { name: 'Submit' }).click();
    await anns.getByText('Another member has to approve it').waitFor();
    expect(await anns.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    const requestPath = new URL(anns.url()).pathname;
    await inSidebar(anns, 'Access overview').click();
    await look(anns, 'governance-overview');

    // Approve a credential rotation
    await openAs(bens, gateway, { person: asBen });
    await toGovernance(bens);
    await inSidebar(bens, 'Approvals').click();
    await openAs(seeing, gateway, { path: new URL(bens.url()).pathname, person: asBen });
    await look(seeing, 'governance-approvals');
    await bens.getByRole('link', { name: 'Rotate credentials' }).click();
    await bens.getByText('Another member of the owner group must approve').waitFor();
    await bens.getByText('Decline', { exact: true }).click();
    await seeing.goto(`${gateway.urls.admin}${requestPath}`);
    await seeing.getByText('Decline', { exact: true }).click();
    await look(seeing, 'governance-decide');
    await bens.getByRole('button', { name: 'Approve' }).click();
    await bens.getByText('You approved the request.').waitFor();

    // View and download credentials
    await anns.goto(`${gateway.urls.admin}${requestPath}`);
    await look(anns, 'governance-request');
    await inSidebar(anns, 'Group requests').click();
    await look(anns, 'governance-requests');
    await inSidebar(anns, 'Access overview').click();
    await row.getByText('...').click();
    await row.getByRole('link', { name: 'Review credentials' }).click();
    await look(anns, 'governance-review');
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
    await anns.locator('#told', { hasText: 'Copied' }).waitFor();
    expect(shown['Access key']).toContain('BEGIN PRIVATE KEY');
    const save = async (name: string): Promise<string> => {
      const [download] = await Promise.all([
        anns.waitForEvent('download'),
        anns.getByText(name, { exact: true }).click(),
      ]);
      return readFileSync(await download.path(), 'utf8');
    };
    expect(JSON.parse(await save('Download credentials'))).toMatchObject({
      credentials: { username: 'orders', password: shown['Password'] },
    });
    expect((await save('service.key')).trim()).toBe(shown['Access key']?.trim());
    expect(await save('client.properties')).toContain('keystore');
    await look(anns, 'governance-save');
    await anns.reload();
    await anns.getByText('The credentials have been revealed already').waitFor();
    expect(await anns.content()).not.toContain('PRIVATE');
    await look(anns, 'governance-unseen');
  }, 120_000);
});
