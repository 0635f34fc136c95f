import { expect, it } from '@jest/globals';
import { signIn } from '../support/console.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { startOn } from '../support/people.js';

describeOnEachDatabase('what a browser asks for', (open) => {
  it('may hold a word twice, a NUL or the name of a method: a page is the answer', async () => {
    const gateway = await startOn(await open());
    const admin = await signIn(gateway);
    const organization = /\/governance\/(\w+)\//.exec((await admin.get('/governance')).text)?.[1];
    const governance = `/governance/${organization ?? ''}`;
    const lists = ['/applications', '/people', '/audit', '/announcements', '/authorities/projects'];
    const governed = ['access', 'requests', 'approvals'].map((list) => `${governance}/${list}`);
    const names = ['q', 'after', 'state', 'topic', 'group', 'access', 'cursor', 'said', 'actor'];
    for (const path of ['/', '/projects', '/tokens', '/authorities', ...lists, ...governed]) {
      for (const text of ['a%00b', 'constructor', 'x&said=y&q=z&after=w']) {
        const query = names.map((name) => `${name}=${text}`).join('&');
        const answer = await admin.get(`${path}?${query}`);
        expect([path, text, answer.status < 500, answer.text.includes('native code')]).toEqual([
          path,
          text,
          true,
          false,
        ]);
      }
    }
  });
});
