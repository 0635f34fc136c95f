import { describe, expect, it } from '@jest/globals';
import { callAdmin, pair, startTestGateway } from '../support/gateway.js';
import { eventsOf } from '../support/record.js';
import { askInfo, expectFailure, tokensOnRecord, tokensPath } from './shape.js';
import type { TestGateway } from '../support/gateway.js';

/** Node sends header text as Latin-1, so UTF-8 goes out as its bytes. */
const utf8Header = (text: string): string => Buffer.from(text).toString('latin1');

const createFor = (gateway: TestGateway, application: string) =>
  callAdmin(gateway, 'post', tokensPath).set('Application', utf8Header(application));

describe('the Application header', () => {
  it.each([
    ['app', 'app'],
    ['My App (test) 1.0', 'My%20App%20(test)%201.0'],
    ['Müller & Söhne', 'M%C3%BCller%20%26%20S%C3%B6hne'],
    ['注文', '%E6%B3%A8%E6%96%87'],
    ['*Runtime*', '*Runtime*'],
    ['a'.repeat(64), 'a'.repeat(64)],
    ['😀'.repeat(64), '%F0%9F%98%80'.repeat(64)],
  ])('CS-0, CS-1.4: may say %s', async (name, inUrl) => {
    const gateway = await startTestGateway();
    const { body } = await createFor(gateway, name).expect(201);
    const info = await askInfo(gateway, body.token);
    expect(info.body.certificate.subject).toBe(
      `O=Organization,OU=OrgUnit,L=Waldorf,ST=Waldorf,C=DE,CN=${name}`,
    );
    expect(info.body.api.eventsUrl).toBe(`${gateway.urls.gateway}/${inUrl}/v1/events`);
    expect(await eventsOf(gateway, 'token.created')).toEqual([
      expect.objectContaining({ holder: name, actor: expect.stringMatching(/^operator:/) }),
    ]);
  });

  const forbidden = /^The application name must not hold any of/;
  const invisible = /^The application name must not hold control characters or invisible ones/;
  it.each([
    ...Array.from(',=/"\\+<>;%?#:', (sign) => [`a${sign}b`, forbidden] as const),
    ['a\u0085b', invisible],
    ['a\u200bb', invisible],
    ['a\u202eb', invisible],
    ['\ufeffapp', invisible],
    ['a\u2028b', invisible],
    ['a\tb', invisible],
    ['\u00a0app', /must not begin or end with a space/],
    ['.', /must not be \. or \.\./],
    ['..', /must not be \. or \.\./],
    ['a'.repeat(65), /has 65 characters, at most 64 are allowed/],
    ['😀'.repeat(65), /has 65 characters/],
  ])('CS-0: may not say %j', async (name, error) => {
    const gateway = await startTestGateway();
    const answer = await createFor(gateway, name);
    expect(answer.body).toMatchObject({ code: 400, reason: 'name-invalid' });
    expect(answer.body.error).toMatch(error);
    expect(await tokensOnRecord(gateway)).toBe(0);
  });

  it('CS-0: may not be other than UTF-8, nor sent twice', async () => {
    const gateway = await startTestGateway();
    const latin1 = await callAdmin(gateway, 'post', tokensPath).set('Application', 'M\u00fcller');
    expectFailure(latin1, {
      status: 400,
      reason: 'name-invalid',
      error: 'The application name is not UTF-8.',
    });
    const twice = callAdmin(gateway, 'post', tokensPath);
    twice.set('Application', ['a', 'b'] as unknown as string);
    expect((await twice).body.reason).toBe('name-invalid');
    expect(await tokensOnRecord(gateway)).toBe(0);
  });

  it.each([[undefined], [''], ['  ']])('CS-1.7: is asked for where it is %j', async (name) => {
    const gateway = await startTestGateway();
    const call = callAdmin(gateway, 'post', tokensPath);
    expectFailure(await (name === undefined ? call : call.set('Application', name)), {
      status: 400,
      reason: 'header-missing',
      error: 'Required headers for ApplicationContext not specified.',
      detail: /in the header Application/,
    });
    expect(await tokensOnRecord(gateway)).toBe(0);
  });

  it('CS-1.6: stands alone: Tenant, Group and the body are ignored', async () => {
    const gateway = await startTestGateway();
    const { body } = await createFor(gateway, 'app')
      .set({ Tenant: 'a,b', Group: '<>' })
      .send('{not json')
      .expect(201);
    const info = await askInfo(gateway, body.token);
    expect(info.body.certificate.subject).toContain('O=Organization,OU=OrgUnit,');
  });

  it('a token for an application that is paired says that it starts a second line', async () => {
    const gateway = await startTestGateway();
    await pair(gateway, 'app');
    const { body } = await createFor(gateway, 'app').expect(201);
    expect(body.notice).toMatch(/^app already holds a valid certificate/);
    expect((await createFor(gateway, 'other')).body).not.toHaveProperty('notice');
  });
});
