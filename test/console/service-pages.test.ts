import { expect, it } from '@jest/globals';
import { describeInChromium, lookAt } from '../support/chromium.js';
import { appPage, openConsoleHouse, usersPage } from '../support/console-services.js';
import { startTestGateway } from '../support/gateway.js';
import { renewUser } from '../support/services.js';

const pages = {
  project: '/projects/p1',
  'service-pg': '/projects/p1/services/pg-1',
  'service-users': usersPage,
  'service-user': appPage,
};

describeInChromium('the pages of projects and services', (open) => {
  it('have no serious violation, in no size and no theme', async () => {
    const gateway = await startTestGateway();
    const house = await openConsoleHouse(gateway);
    const pg = {
      service_name: 'pg-1',
      service_type: 'pg',
      user_config: { host: 'db.example.com' },
    };
    await house.asRoot('post', '/v1/project/p1/service', pg).expect(200);
    await renewUser(gateway, 'app');
    const person = await house.addVisitor('operator');
    for (const [name, path] of Object.entries(pages))
      expect(await lookAt(open, gateway, { path, name, person })).toEqual([]);
  }, 120_000);
});
