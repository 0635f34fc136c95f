import { expect, it } from '@jest/globals';
import request from 'supertest';
import { ownPage, signIn } from '../support/console.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { startOn } from '../support/people.js';

describeOnEachDatabase('words with a NUL, which PostgreSQL takes in no text', (fresh) => {
  it('find nothing on the pages of the console', async () => {
    const gateway = await startOn(await fresh());
    const admin = await signIn(gateway);
    const expected = {
      '/applications?q=a%00b': 200,
      '/applications?after=%00': 200,
      '/applications/a%00b': 404,
      '/applications/revocations/new?certificate=%00': 200,
      '/people?q=%00&after=%00': 200,
      '/audit?action=%00': 200,
      '/announcements?at=1&key=%00': 200,
      '/authorities/projects?after=%00': 200,
      '/authorities/projects/%00': 404,
      '/authorities/gateway/%00': 404,
      '/projects/%00': 404,
      '/people/users/%00': 404,
      '/people/organizations/%00': 404,
      '/governance/%00/access': 404,
    };
    const found: Record<string, number> = {};
    for (const path of Object.keys(expected)) found[path] = (await admin.get(path)).status;
    expect(found).toEqual(expected);
    const form = { email: 'admin\0@localhost', password: '\0' };
    const refused = request(gateway.urls.admin).post('/sign-in').ca(gateway.ca);
    expect((await refused.set(ownPage(gateway)).type('form').send(form)).status).toBe(400);
  });
});
