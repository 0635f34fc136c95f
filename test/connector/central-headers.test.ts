import { describe, expect, it } from '@jest/globals';
import { askToken, startCentral } from '../support/central.js';
import { callAdmin, startTestGateway } from '../support/gateway.js';
import { eventsOf } from '../support/record.js';
import { expectFailure, tokensOnRecord } from './shape.js';

const named = { Application: 'app', Tenant: 'tenant', Group: 'group' };

describe('the headers of a token in central mode', () => {
  it.each([
    ['Application', undefined],
    ['Application', ''],
    ['Tenant', undefined],
    ['Tenant', ''],
    ['Group', undefined],
    ['Group', '  '],
  ])('CS-1.6, CS-1.7: %s is asked for where it is %j', async (header, value) => {
    const gateway = await startCentral();
    expectFailure(await askToken(gateway, 'application', { ...named, [header]: value }), {
      status: 400,
      reason: 'header-missing',
      error: 'Required headers for ApplicationContext not specified.',
      detail: `Send the name of the ${header.toLowerCase()} in the header ${header}.`,
    });
    expect(await tokensOnRecord(gateway)).toBe(0);
  });

  it.each([['Tenant'], ['Group']])('CS-1.5: a runtime needs %s, too', async (header) => {
    const gateway = await startCentral();
    const error = 'Required headers for ClusterContext not specified.';
    for (const value of [undefined, '']) {
      expectFailure(await askToken(gateway, 'runtime', { ...named, [header]: value }), {
        status: 400,
        reason: 'header-missing',
        error,
        detail: new RegExp(`in the header ${header}\\.$`),
      });
    }
    const { body } = await callAdmin(gateway, 'post', '/v1/runtimes/tokens').expect(400);
    expect(body).toMatchObject({ error, detail: expect.stringMatching(/Tenant, .*Group\.$/) });
    expect(await tokensOnRecord(gateway)).toBe(0);
  });

  it.each([
    ...['Application', 'Tenant', 'Group'].flatMap((header) =>
      ['a/b', 'a=b', 'a,b', '..', 'x'.repeat(65), 'a\u200bb'].map((value) => [header, value]),
    ),
  ])('CS-0: %s may not say %j', async (header = '', value = '') => {
    const gateway = await startCentral();
    const { body } = await askToken(gateway, 'application', { ...named, [header]: value });
    expect(body).toMatchObject({
      code: 400,
      reason: 'name-invalid',
      error: expect.stringMatching(`^The ${header.toLowerCase()} name `),
    });
    expect(await tokensOnRecord(gateway)).toBe(0);
  });

  it.each([['Tenant'], ['Group']])('CS-0: %s of a runtime obeys the same rules', async (header) => {
    const gateway = await startCentral();
    const answer = await askToken(gateway, 'runtime', { ...named, [header]: 'a/b' });
    expect(answer.body).toMatchObject({ code: 400, reason: 'name-invalid' });
    expect(await tokensOnRecord(gateway)).toBe(0);
  });

  it('CS-1.5: no application may be called as runtimes are', async () => {
    const gateway = await startCentral();
    expectFailure(await askToken(gateway, 'application', { ...named, Application: '*Runtime*' }), {
      status: 400,
      reason: 'name-invalid',
      error: 'The application name must not be *Runtime*.',
      detail: 'In central mode it is the common name of every runtime.',
    });
    expect(await tokensOnRecord(gateway)).toBe(0);
  });

  it('CS-1.5: Application is ignored for a runtime, whatever it says', async () => {
    const gateway = await startCentral();
    await askToken(gateway, 'runtime', { ...named, Application: 'a,b' }).expect(201);
  });

  it('CS-1.6: the holder is tenant, group and application, in UTF-8', async () => {
    const gateway = await startCentral();
    const words = { Application: 'Süd 1', Tenant: '注文', Group: 'R&D' };
    await askToken(gateway, 'application', words).expect(201);
    await askToken(gateway, 'runtime', words).expect(201);
    const events = await eventsOf(gateway, 'token.created');
    expect(events.map(({ holder }) => holder)).toEqual(['注文/R&D/Süd 1', '注文/R&D']);
  });

  it('CS-1.5: the token of a runtime needs an operator, and none is needed for the refusal', async () => {
    const gateway = await startCentral();
    const anonymous = askToken(gateway, 'runtime', named).unset('Authorization');
    expect((await anonymous.expect(401)).body.reason).toBe('access-token-missing');
    const wrong = askToken(gateway, 'runtime', named).set('Authorization', 'Bearer evl_x');
    expect((await wrong.expect(401)).body.reason).toBe('access-token-invalid');
    expect(await tokensOnRecord(gateway)).toBe(0);
  });

  it('CS-1.5: runtimes have no internal routes in standalone mode', async () => {
    const gateway = await startTestGateway();
    for (const path of ['/v1/runtimes/tokens', '/v1/runtimes/certificates/revocations']) {
      const { body } = await callAdmin(gateway, 'post', path).expect(404);
      expect(body.reason).toBe('not-found');
    }
  });
});
