import { describe, expect, it } from '@jest/globals';
import {
  call,
  callAdmin,
  createToken,
  csrBody,
  pair,
  renew,
  startTestGateway,
  subjectOf,
} from '../support/gateway.js';
import { rowCounts } from '../support/record.js';
import { makeKey } from '../support/requests.js';
import {
  askInfo,
  certificatesPath,
  enrol,
  expectFailure,
  expectJsonForm,
  infoPath,
  managementPath,
  renewalsPath,
  revocationsPath,
  tokensPath,
} from './shape.js';

describe('the form of an answer', () => {
  it('CS-1.2: is JSON of this very content type with a line feed at the end, on every route', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const token = await createToken(gateway, 'app');
    const answers = [
      await callAdmin(gateway, 'post', tokensPath).set('Application', 'app').expect(201),
      await askInfo(gateway, token),
      await enrol(gateway, await createToken(gateway, 'app')),
      await call(gateway, 'get', managementPath, holder).expect(200),
      await renew(gateway, holder).expect(201),
      await call(gateway, 'get', '/v1/nothing').expect(404),
      await call(gateway, 'get', renewalsPath).expect(405),
      await call(gateway, 'get', managementPath).expect(401),
      await enrol(gateway, token),
    ];
    for (const answer of answers) {
      expectJsonForm(answer);
      expect(answer.text).toMatch(/\}\n$/);
    }
  });

  it('CS-1.3: has an empty body of the same content type where nothing is to be said', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    for (const answer of [
      await call(gateway, 'post', revocationsPath, holder).expect(201),
      await callAdmin(gateway, 'post', revocationsPath).send({ hash: holder.sha256 }).expect(201),
    ]) {
      expectJsonForm(answer);
      expect(answer.text).toBe('');
      expect(answer.headers['content-length']).toBe('0');
    }
  });

  it('CS-1.2: escapes <, > and & in the text, and the JSON still means them', async () => {
    const gateway = await startTestGateway();
    const token = await createToken(gateway, 'a&b');
    const info = await askInfo(gateway, token);
    expect(info.text).toContain(String.raw`CN=a\u0026b`);
    expect(info.text).not.toMatch(/[<>&]/);
    expect(info.body.certificate.subject).toMatch(/,CN=a&b$/);
    const refused = await callAdmin(gateway, 'post', revocationsPath).send('{"<b>":1,"<b>":2}');
    expect(refused.status).toBe(400);
    expect(refused.text).toContain(String.raw`\u003cb\u003e`);
    expect(refused.body.error).toContain('<b>');
  });

  it.each([
    ['application/json'],
    ['application/x-www-form-urlencoded'],
    ['text/plain; charset=iso-8859-1'],
    ['multipart/form-data'],
    ['nonsense'],
  ])('CS-1.2: does not depend on a request content type of %s', async (type) => {
    const gateway = await startTestGateway();
    const body = csrBody({ key: makeKey('prime256v1'), subject: subjectOf('app') });
    const path = `${certificatesPath}?token=${await createToken(gateway, 'app')}`;
    await call(gateway, 'post', path)
      .set('Content-Type', type)
      .serialize((sent) => sent as string)
      .send(body)
      .expect(201);
  });
});

describe('a request for what is not there', () => {
  it.each([
    ['/', 404],
    ['/v1/', 404],
    ['/v1/health', 404],
    ['/v1/applications', 404],
    [`${infoPath}/`, 404],
    [`${renewalsPath}/`, 404],
    ['/V1/applications/management/info', 404],
    ['/v1/Applications/management/info', 404],
    ['/v1/runtimes/signingRequests/info', 404],
    ['/v1/runtimes/certificates', 404],
    ['/v1/applications/tokens', 404],
  ])('CS-1.2, CS-1.5: gets a 404 in the dialect for %s', async (path, status) => {
    const gateway = await startTestGateway();
    for (const method of ['get', 'post'] as const) {
      expectFailure(await call(gateway, method, path), {
        status,
        reason: 'not-found',
        error: 'Requested resource could not be found.',
      });
    }
  });

  it.each([
    ['post', infoPath],
    ['put', infoPath],
    ['get', certificatesPath],
    ['delete', certificatesPath],
    ['post', managementPath],
    ['get', renewalsPath],
    ['get', revocationsPath],
    ['options', renewalsPath],
    ['post', '/v1'],
    ['post', '/v1/api.yaml'],
  ] as const)('CS-1.2, CS-1.8: gets a 405 without Allow for %s %s', async (method, path) => {
    const gateway = await startTestGateway();
    const token = await createToken(gateway, 'app');
    const before = await rowCounts(gateway);
    const answer = await call(gateway, method, `${path}?token=${token}`);
    expectFailure(answer, {
      status: 405,
      reason: 'method-not-allowed',
      error: 'Method not allowed.',
    });
    expect(answer.headers).not.toHaveProperty('allow');
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    const events = (before['audit_events'] ?? 0) + 1;
    expect(await rowCounts(gateway)).toEqual({ ...before, audit_events: events });
    expect((await askInfo(gateway, token)).status).toBe(200);
  });

  it.each([[infoPath], [managementPath], ['/v1'], ['/v1/api.yaml']])(
    'CS-1.2: gets a 405 for HEAD %s, which uses no token',
    async (path) => {
      const gateway = await startTestGateway();
      const token = await createToken(gateway, 'app');
      await call(gateway, 'head', `${path}?token=${token}`).expect(405);
      expect((await askInfo(gateway, token)).status).toBe(200);
    },
  );

  it('CS-1.2: with // in the path is sent to the clean one, query and all', async () => {
    const gateway = await startTestGateway();
    const token = await createToken(gateway, 'app');
    const path = `/v1//applications///signingRequests/info?token=${token}`;
    const answer = await call(gateway, 'get', path).redirects(0);
    expect(answer.status).toBe(301);
    expect(answer.headers['location']).toBe(`${infoPath}?token=${token}`);
    expect(answer.text).toBe('');
    expect((await askInfo(gateway, token)).status).toBe(200);
  });

  it('CS-1.4: the internal API has the same 404 and 405, before it asks who calls', async () => {
    const gateway = await startTestGateway();
    expectFailure(await callAdmin(gateway, 'post', managementPath), {
      status: 404,
      reason: 'not-found',
      error: 'Requested resource could not be found.',
    });
    expectFailure(await callAdmin(gateway, 'get', tokensPath).unset('Authorization'), {
      status: 405,
      reason: 'method-not-allowed',
      error: 'Method not allowed.',
    });
  });
});
