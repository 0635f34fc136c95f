import { describe, expect, it } from '@jest/globals';
import { startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { callAsUser, signIn } from '../people/person.js';
import { eventsOf } from '../support/record.js';
import { everleaf, everleafJson } from './everleaf.js';

const email = 'jo@example.com';

function peopleOf({ home }: TestGateway) {
  const settings = { EVERLEAF_HOME: home };
  return {
    json: <Answer = Record<string, string>>(...words: string[]) =>
      everleafJson<Answer>(settings, 'people', ...words),
    text: async (...words: string[]) => {
      const { code, stdout, stderr } = await everleaf(settings, 'people', ...words);
      return { code, said: stdout + stderr };
    },
  };
}

describe('everleaf people', () => {
  it('adds users, lists them, bars them and lets them in again', async () => {
    const gateway = await startTestGateway();
    const people = peopleOf(gateway);
    const added = await people.text('add', 'Jo@Example.com', '--name', 'Jo Doe', '--admin');
    expect(added.said).toMatch(
      /^Email +jo@example\.com\nName +Jo Doe\nPassword +[\w-]{24}\n\nThe password is not shown again\.\n$/,
    );
    const password = /Password +(\S+)/.exec(added.said)?.[1] ?? '';
    const token = String((await signIn(gateway, { email, password }).expect(200)).body.token);
    expect((await people.text('list')).said).toMatch(
      /^EMAIL +NAME +STATE +ROLE +SIGN-IN +ADDED +LAST ACTIVE\nadmin@localhost +Administrator +active +administrator +password .+ -\njo@example\.com +Jo Doe +active +- +password .+Z\n$/,
    );
    const again = await people.text('add', email);
    expect(again).toEqual({
      code: 1,
      said: `everleaf: A user with the address ${email} already exists.\n`,
    });
    expect((await people.text('disable', email)).said).toBe(`The user ${email} is disabled.\n`);
    await callAsUser(gateway, token, 'get', '/v1/me').expect(401);
    await signIn(gateway, { email, password }).expect(403);
    expect((await people.text('disable', email)).code).toBe(1);
    expect((await people.text('token', email)).said).toBe(
      `everleaf: The user ${email} is disabled.\n`,
    );
    expect(await people.json('enable', email)).toMatchObject({ email, state: 'active' });
    await callAsUser(gateway, token, 'get', '/v1/me').expect(401);
    await signIn(gateway, { email, password }).expect(200);
    const events = await eventsOf(gateway, 'user.added', 'user.disabled', 'user.enabled');
    expect(events.map(({ action, holder }) => [action, holder]).slice(1)).toEqual([
      ['user.added', email],
      ['user.disabled', email],
      ['user.enabled', email],
    ]);
  });

  it('gives another password, drawn or from standard input, and ends all tokens', async () => {
    const gateway = await startTestGateway();
    const people = peopleOf(gateway);
    const { password: first = '' } = await people.json('add', email);
    const { token = '' } = await people.json('token', email, '--ttl', '30d', '--extend');
    await callAsUser(gateway, token, 'get', '/v1/me').expect(200);
    const { password = '' } = await people.json('password', email);
    await callAsUser(gateway, token, 'get', '/v1/me').expect(401);
    await signIn(gateway, { email, password: first }).expect(403);
    await signIn(gateway, { email, password }).expect(200);
    const nothing = await people.text('password', email, '--stdin');
    expect(nothing).toEqual({
      code: 1,
      said: 'everleaf: --stdin: there is no line on standard input.\n',
    });
    await signIn(gateway, { email, password }).expect(200);
    const kept = JSON.stringify(await eventsOf(gateway, 'user.password-changed', 'user.added'));
    for (const secret of [first, password]) expect(kept).not.toContain(secret);
  });

  it('adds users without password, and forgets who they are to the provider', async () => {
    const gateway = await startTestGateway();
    const people = peopleOf(gateway);
    expect((await people.text('add', email, '--openid')).said).toMatch(
      /^Email +jo@example\.com\nName +jo@example\.com\n\nThe user signs in by OpenID Connect, at .+\n$/,
    );
    const { token = '' } = await people.json('token', email);
    const before = await people.text('unlink', email);
    expect(before).toEqual({
      code: 1,
      said: `everleaf: The user ${email} has no OpenID Connect identity.\n`,
    });
    const { db } = gateway.database;
    const identity = { openid_issuer: 'https://login.example.com', openid_subject: 'jo-1' };
    await db.updateTable('users').set(identity).where('email', '=', email).execute();
    const { body } = await callAsUser(gateway, token, 'get', '/v1/me').expect(200);
    expect(body.user.auth).toEqual(['openid']);

    expect((await people.text('unlink', email)).said).toMatch(
      /no OpenID Connect identity any more/,
    );

    await callAsUser(gateway, token, 'get', '/v1/me').expect(401);
    expect(await people.json<object[]>('list')).toContainEqual(
      expect.objectContaining({ email, auth: [] }),
    );
    expect(await eventsOf(gateway, 'user.unlinked')).toHaveLength(1);
  });

  it.each([
    [['add', 'jo'], /The address must be an e-mail address, such as jo@example\.com\./],
    [['add', 'a@b', '--name', ' x'], /The name of a user has 1 to 64 characters/],
    [['disable', 'a@b'], /There is no user with the address a@b: everleaf people list/],
    [['token', 'admin@localhost', '--extend'], /--extend needs --ttl/],
  ])('%j says what is wrong', async (words, sentence) => {
    const people = peopleOf(await startTestGateway());
    const { code, said } = await people.text(...words);
    expect(code).toBe(1);
    expect(said).toMatch(sentence);
  });
});
