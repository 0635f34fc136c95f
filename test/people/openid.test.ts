import { expect, it } from '@jest/globals';
import { startTestGateway } from '../support/gateway.js';
import { openBrowser } from '../support/browser.js';
import { startProvider } from '../support/openid-provider.js';
import { addPerson } from './person.js';

it('works', async () => {
  const provider = await startProvider({ sub: 's1', email: 'jo@example.com', email_verified: true, name: 'Jo' });
  const gateway = await startTestGateway(provider.settings);
  provider.admit(gateway);
  await addPerson(gateway);
  const browser = openBrowser(gateway);
  const page = await browser.follow(`${gateway.urls.admin}/sign-in/openid`);
  console.log(page.status, page.text, page.headers, JSON.stringify(gateway.logs.filter(l=>l.level==='error')));
  expect(page.status).toBe(200);
});
