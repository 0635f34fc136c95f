import { describe, expect, it } from '@jest/globals';
import { startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { addPerson, callAsUser } from './person.js';
import { ask, openTls, requestText } from '../support/wire.js';
import { callAs } from './operator.js';
import { expectAivenFailure, isoTime } from './aiven-shape.js';

const missing = { status: 401, reason: 'user-token-missing' } as const;
const invalid = { status: 401, reason: 'user-token-invalid' } as const;

const guarded = [
  ['get', '/v1/me'],
  ['post', '/v1/me/expire_tokens'],
  ['get', '/v1/access_token'],
  ['post', '/v1/access_token'],
  ['put', '/v1/access_token/evu_abcdefgh'],
  ['delete', '/v1/access_token/evu_abcdefgh'],
] as const;

describe('the routes of people', () => {
  it('SU-W1: ask for a token first, whatever else is wrong', async () => {
    const gateway = await startTestGateway();
    const { token } = await addPerson(gateway);
    for (const [method, path] of guarded) {
      const send = (authorization?: string) => {
        const call = callAsUser(gateway, undefined, method, path);
        if (authorization !== undefined) call.set('Authorization', authorization);
        return method === 'get' || method === 'delete' ? call : call.send('{"');
      };
      for (const none of [undefined, '', 'aivenv1', token, `Basic ${token}`, `Bearer ${token} x`])
        expectAivenFailure(await send(none), missing);
      for (const bad of [`${token}x`, token.toUpperCase(), gateway.adminToken])
        expectAivenFailure(await send(`Bearer ${bad}`), invalid);
    }
  });

  it('show who asks, with every field that a client reads', async () => {
    const gateway = await startTestGateway();
    const { token, id, email } = await addPerson(gateway);
    await memberOf(gateway, id, ['zebra', 'alpha']);
    const { body } = await callAsUser(gateway, token, 'get', '/v1/me').expect(200);
    expect(body).toEqual({
      user: {
        user: email,
        user_id: id,
        real_name: 'Jo',
        state: 'active',
        create_time: expect.stringMatching(isoTime),
        token_validity_begin: expect.stringMatching(isoTime),
        projects: ['alpha', 'zebra'],
        auth: ['password'],
      },
    });
  });

  it('SU-W2: serve bodyless calls whatever their content type', async () => {
    const gateway = await startTestGateway();
    const { token } = await addPerson(gateway);
    for (const path of ['/v1/me', '/v1/access_token'])
      await callAsUser(gateway, token, 'get', path)
        .set('Content-Type', 'application/octet-stream')
        .expect(200);
  });

  it('SU-W3: serve //v1 as /v1, and redirect nothing', async () => {
    const gateway = await startTestGateway();
    const { token } = await addPerson(gateway);
    const paths = { '//v1/me': 200, '///v1/me?x=1': 200, '//v1/nothing': 404, '/v1//me': 404 };
    for (const [path, status] of Object.entries(paths)) {
      const socket = await openTls(gateway, {}, gateway.urls.admin);
      const headers = { Authorization: `aivenv1 ${token}` };
      const answer = await ask(socket, requestText('GET', path, { headers }));
      expect([path, answer.status]).toEqual([path, status]);
      expect(JSON.parse(answer.body)).toEqual(expect.any(Object));
    }
    await callAs(gateway, undefined, 'post', '//v1/applications/tokens').expect(301);
  });

  it('SU-W5: refuse what they do not serve as JSON objects of the dialect', async () => {
    const gateway = await startTestGateway();
    const { token } = await addPerson(gateway);
    const notFound = { status: 404, reason: 'not-found' } as const;
    for (const path of ['/v1/nothing', '/v1/me/', '/v1/ME', '/v1/access_token/', '/v2/me'])
      expectAivenFailure(await callAsUser(gateway, token, 'get', path), notFound);
    const notAllowed = { status: 405, reason: 'method-not-allowed' } as const;
    expectAivenFailure(await callAsUser(gateway, token, 'patch', '/v1/me'), notAllowed);
    expectAivenFailure(await callAsUser(gateway, token, 'get', '/v1/userauth'), notAllowed);
    const head = await callAsUser(gateway, token, 'head', '/v1/me');
    expect(head.status).toBe(405);
    const malformed = { status: 400, reason: 'path-malformed' } as const;
    expectAivenFailure(await callAsUser(gateway, token, 'get', '/v1/me?x=%'), malformed);
    const browser = callAsUser(gateway, token, 'get', '/v1/me').set('Origin', 'https://evil');
    expectAivenFailure(await browser, { status: 403, reason: 'browser-request' });
  });

  it('SU-W5: leave the internal API and the metrics their own errors', async () => {
    const gateway = await startTestGateway();
    for (const path of ['/v1/applications/tokens', '/metrics', '/nothing']) {
      const { body } = await callAs(gateway, undefined, 'get', path);
      expect(body).toMatchObject({ code: expect.any(Number), error: expect.any(String) });
    }
  });

  it('SU-W6: ignore query parameters that they do not know', async () => {
    const gateway = await startTestGateway();
    const { token } = await addPerson(gateway);
    await callAsUser(gateway, token, 'get', '/v1/me?limit=999').expect(200);
    await callAsUser(gateway, token, 'get', '/v1/access_token?limit=999&limit=1&[x]=').expect(200);
    await callAsUser(gateway, token, 'post', '/v1/access_token?limit=999').send({}).expect(200);
  });
});

async function memberOf(gateway: TestGateway, userId: string, projects: readonly string[]) {
  const { db } = gateway.database;
  const { id } = await db.selectFrom('organizations').select('id').executeTakeFirstOrThrow();
  const at = gateway.clock.now();
  for (const project of projects) {
    await db
      .insertInto('projects')
      .values({
        name: project,
        organization_id: id,
        default_cloud: '',
        tech_emails: '[]',
        validity_seconds: null,
        renew_before_seconds: null,
        created_at: at,
        updated_at: at,
      })
      .execute();
    await db
      .insertInto('project_members')
      .values({ project, user_id: userId, role: 'read_only', joined_at: at })
      .execute();
  }
}
