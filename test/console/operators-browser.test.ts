import { expect, it } from '@jest/globals';
import { addPerson } from '../people/person.js';
import { describeInChromium, openAs } from '../support/chromium.js';
import { pair, startTestGateway } from '../support/gateway.js';
import { openProject } from '../support/people.js';

describeInChromium('the pages of operators in a browser', (open) => {
  it('make groups, roll the authority over, and show a token once', async () => {
    const gateway = await startTestGateway();
    await pair(gateway, 'billing');
    await addPerson(gateway, 'jo@example.com');
    await openProject(gateway);
    const window = await open();
    await openAs(window, gateway, { path: '/people' });
    await window.getByRole('link', { name: 'Organization', exact: false }).first().click();
    await window.getByLabel('Name of a new group').fill('Payments');
    await window.getByRole('button', { name: 'Create group' }).click();
    await window.getByLabel('Add a member').selectOption('jo@example.com');
    await window.getByRole('button', { name: 'Add', exact: true }).click();
    await window.getByRole('button', { name: 'Remove jo@example.com' }).waitFor();
    await window.goto(`${gateway.urls.admin}/authorities`);
    await window.getByText('Prepare the next authority').click();
    await window.getByRole('button', { name: 'Prepare' }).click();
    await window.getByText('Activate', { exact: true }).click();
    await window.getByRole('button', { name: /^Activate/ }).click();
    await window.getByText('Still on the old one').waitFor();
    await window.goto(`${gateway.urls.admin}/tokens`);
    await window.getByLabel('What it is for').fill('nightly backup');
    await window.getByRole('button', { name: 'Make token' }).click();
    expect(await window.locator('#full-token').innerText()).toMatch(/^evu_[\w-]{43}$/);
    await window.getByRole('link', { name: 'I have kept it' }).click();
    expect(await window.content()).not.toMatch(/evu_[\w-]{20}/);
  }, 120_000);
});
