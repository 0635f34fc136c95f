import { describe, expect, it } from '@jest/globals';
import { addPerson } from '../people/person.js';
import { signIn } from '../support/console.js';
import { appPage, openConsoleHouse, usersPage } from '../support/console-services.js';
import { startTestGateway } from '../support/gateway.js';
import { renewUser } from '../support/services.js';

const changes = ['Acknowledge certificate', 'Renew now', 'Reset credentials'];
const shows = ['Show access key', 'Show access cert'];

/** Which of these words a page has. */
const among = (page: string, words: readonly string[]) => words.filter((one) => page.includes(one));

const keyStart = '-----BEGIN PRIVATE KEY-----';

describe('the users of a service, for those without a right', () => {
  it('have no control, and show no secret to a reader', async () => {
    const gateway = await startTestGateway();
    const house = await openConsoleHouse(gateway);
    await renewUser(gateway, 'app');
    const before = await house.user('app');
    const operator = await house.visitAs('operator');
    const developer = await house.visitAs('developer');
    const reader = await house.visitAs('read_only');
    for (const path of [usersPage, appPage]) {
      const all = (await operator.get(path).expect(200)).text;
      expect(among(all, [...changes, ...shows])).toEqual([...changes, ...shows]);
      const some = (await developer.get(path).expect(200)).text;
      expect(among(some, [...changes, ...shows, 'Expiring'])).toEqual([...shows, 'Expiring']);
      const none = (await reader.get(path).expect(200)).text;
      expect(among(none, [...changes, ...shows, 'PKCS#12', 'Expiring'])).toEqual(['Expiring']);
    }
    const hint = 'Once the new one is in use, open the menu';
    expect((await operator.get(appPage)).text).toContain(hint);
    expect((await developer.get(appPage)).text).not.toContain(hint);
    for (const visitor of [developer, reader])
      for (const name of ['renewal', 'reset']) await visitor.get(`${appPage}/${name}`).expect(403);
    const refused = await reader.post(`${appPage}/credentials`, { show: 'key' }).expect(403);
    expect(refused.text).not.toContain(keyStart);
    const shown = await developer.post(`${appPage}/credentials`, { show: 'key' }).expect(200);
    expect([shown.text.includes(keyStart), shown.headers['cache-control']]).toEqual([
      true,
      'no-store',
    ]);
    expect(await house.user('app')).toEqual(before);
  });

  it('answer an outsider as if there were no such project', async () => {
    const gateway = await startTestGateway();
    await openConsoleHouse(gateway);
    const outsider = await signIn(gateway, await addPerson(gateway, 'out@example.com'));
    expect((await outsider.get('/projects').expect(200)).text).toContain('member of no project');
    const bodyOf = (text: string) => /<body>[^]*<p><small>/.exec(text)?.[0];
    for (const rest of ['', '/ca.pem', '/services/kafka-1', '/services/kafka-1/users/app']) {
      const foreign = await outsider.get(`/projects/p1${rest}`).expect(404);
      const missing = await outsider.get(`/projects/p9${rest}`).expect(404);
      expect(bodyOf(foreign.text)).toBe(bodyOf(missing.text));
    }
  });
});

describe('the users of a service', () => {
  it('show names and words from outside as text, and encode them in paths', async () => {
    const gateway = await startTestGateway();
    const house = await openConsoleHouse(gateway);
    const name = `a'&b/../c?d#e%2f{{x}}`;
    await house
      .asRoot('post', '/v1/project/p1/service/kafka-1/user', { username: name })
      .expect(200);
    const operator = await house.visitAs('operator');
    const word = `"><script>alert(1)</script>`;
    const found = await operator.get(`${usersPage}?q=${encodeURIComponent(word)}`).expect(200);
    expect(found.text).not.toContain('<script>alert');
    const { text } = await operator.get(usersPage).expect(200);
    expect(text).toContain(`href="${usersPage}/${encodeURIComponent(name)}"`.replace("'", '&#39;'));
    expect(text).not.toContain(`a'&b`);
    const own = await operator.get(`${usersPage}/${encodeURIComponent(name)}`).expect(200);
    expect(own.text).not.toContain(`a'&b`);
    for (const path of ['p1/services/none', 'p1/services/kafka-1/users/%00', 'p1/services/%00'])
      await operator.get(`/projects/${path}`).expect(404);
  });

  it('keep what was asked for where a renewal is refused, and reset once by one page', async () => {
    const gateway = await startTestGateway();
    const house = await openConsoleHouse(gateway);
    await renewUser(gateway, 'app');
    const operator = await house.visitAs('operator');
    const refused = await operator.post(`${appPage}/renewal`).expect(409);
    expect(refused.text).toContain('A renewal waits for its acknowledgement');
    expect(refused.text).toContain('name="again"');
    const before = await house.user('app');
    await operator.post(`${appPage}/renewal`, { again: 'yes' }).expect(303);
    const renewed = await house.user('app');
    expect(renewed.access_key).not.toBe(before.access_key);
    const page = await operator.get(`${appPage}/reset`).expect(200);
    const seen = /name="seen" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    await operator.post(`${appPage}/reset`, { seen }).expect(303);
    const reset = await house.user('app');
    expect(reset.access_key).not.toBe(renewed.access_key);
    const again = await operator.post(`${appPage}/reset`, { seen }).expect(303);
    expect(again.headers['location']).toBe(`${appPage}?said=reset`);
    expect(await house.user('app')).toEqual(reset);
    const unknown = await operator.post(`${appPage}/download`, { format: 'zip' }).expect(400);
    expect(unknown.text).toContain('format has to be one of pem, pkcs12, java.');
  });
});
