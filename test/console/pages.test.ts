import { expect, it } from '@jest/globals';
import { describeInChromium, lookAt, picture } from '../support/chromium.js';
import { startTestGateway } from '../support/gateway.js';

describeInChromium('the console in a browser', (open) => {
  it('has no serious violation on the overview, in no size and no theme', async () => {
    const gateway = await startTestGateway();
    const page = await open();
    await page.goto(`${gateway.urls.admin}/`);
    await picture(page, 'sign-in');
    expect(await lookAt(open, gateway, { path: '/', name: 'overview' })).toEqual([]);
  });
});
