import { describe, expect, it } from '@jest/globals';
import { firstPassword } from '../people/person.js';
import { startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { addUser, callAsUser, expectRefusal } from '../support/people.js';
import { openService, servicePath } from '../support/services.js';
import type { ServiceHouse } from '../support/services.js';
import { ask, openTls, requestText } from '../support/wire.js';
import { recordedRequests, tokensExpire } from './avn-recording.js';
import type { Recorded } from './avn-recording.js';

/** What `$NAME` stands for. */
type Names = Readonly<Record<string, string>>;

function fill(text: string, names: Names, write: (value: string) => string): string {
  return text.replaceAll(/\$(\w+)/g, (_, name: string) => write(names[name] ?? 'none'));
}

/** Sends a request with the headers of the recording. */
async function send(
  gateway: TestGateway,
  token: string | undefined,
  { method, path, body }: { method: string; path: string; body: object | undefined },
) {
  const socket = await openTls(gateway, {}, gateway.urls.admin);
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers = {
    ...(token === undefined ? {} : { authorization: `aivenv1 ${token}` }),
    'User-Agent': 'aiven-client/4.16.0',
    Accept: '*/*',
    'Accept-Encoding': 'gzip, deflate',
    'content-type': body === undefined ? 'application/octet-stream' : 'application/json',
    ...(method === 'GET' || method === 'DELETE' ? {} : { 'Content-Length': String(text.length) }),
  };
  return ask(socket, requestText(method, path, { headers, body: text }));
}

function partsOf({ line, body }: Recorded, names: Names) {
  const [method = '', path = ''] = line.split(' ');
  const text = JSON.stringify(body ?? null);
  return {
    method,
    path: fill(path, names, encodeURIComponent),
    body: body && (JSON.parse(fill(text, names, String)) as object),
  };
}

function valueIn(answer: unknown, path: string): unknown {
  let value: unknown = answer;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
      return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** The house of the recording, and what it names. */
async function openRecorded(): Promise<ServiceHouse & { names: Names }> {
  const house = await openService(await startTestGateway());
  const { gateway, organization, root, asRoot } = house;
  await addUser(gateway, 'member@example.com');
  const groups = `/v1/organization/${organization}/user-groups`;
  const group = { user_group_name: 'group', description: '' };
  const { body } = await asRoot('post', groups, group).expect(200);
  const id = String(body.user_group_id);
  const members = { operation: 'add_members', member_ids: [root.id] };
  await asRoot('patch', `${groups}/${id}/members`, members).expect(200);
  const password = firstPassword(gateway);
  return { ...house, names: { organization, group: id, own: root.token, password } };
}

describe('the requests of avn', () => {
  it('SU-W1, SU-W2, SU-W3, SU-W6: are answered with what it reads, by doubled slash and with a limit too', async () => {
    const { gateway, root, names: known } = await openRecorded();
    let names = known;
    const judge = async (recorded: Recorded, way: string) => {
      const { command, needs, gives = {} } = recorded;
      const parts = partsOf(recorded, names);
      const path = way.replace('PATH', parts.path);
      const answer = await send(gateway, root.token, { ...parts, path });
      const parsed: unknown = JSON.parse(answer.body);
      const missing = needs.filter((need) => valueIn(parsed, need) === undefined);
      const outcome = { command, path, status: answer.status, missing };
      expect(outcome).toEqual({ command, path, status: 200, missing: [] });
      expect(parsed).toEqual(expect.any(Object));
      expect(parsed).not.toHaveProperty('error');
      for (const [name, at] of Object.entries(gives))
        names = { ...names, [name]: String(valueIn(parsed, at)) };
    };
    for (const recorded of recordedRequests) {
      const { line } = recorded;
      if (line.startsWith('GET')) await judge(recorded, 'PATH');
      await judge(recorded, line.includes('?') ? '/PATH' : '/PATH?limit=999&x=1');
    }
    expectRefusal(await callAsUser(gateway, root, 'get', '/v1/me'), 401, 'user-token-invalid');
  });

  it('SU-W2: withdraw all tokens without a body', async () => {
    const { gateway, root } = await openService(await startTestGateway());
    const answer = await send(gateway, root.token, partsOf(tokensExpire, {}));
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({ message: expect.any(String) });
    expect((await send(gateway, root.token, partsOf(tokensExpire, {}))).status).toBe(401);
  });

  it('SU-W1, SU-W5, SU-C4: are refused as JSON objects without a token, and to outsiders by one sentence', async () => {
    const { gateway } = await openService(await startTestGateway());
    const outsider = await addUser(gateway, 'outsider@example.com');
    for (const recorded of recordedRequests.filter(({ line }) => !line.endsWith('/userauth'))) {
      for (const token of [undefined, 'wrong', outsider.token]) {
        const isOutsider = token === outsider.token;
        if (isOutsider && !recorded.line.includes('/project/p1')) continue;
        const answer = await send(gateway, token, partsOf(recorded, {}));
        expect([recorded.line, answer.status]).toEqual([recorded.line, isOutsider ? 404 : 401]);
        expect(answer.headers.get('content-type')).toMatch(/^application\/json;/);
        expect(JSON.parse(answer.body)).toMatchObject({
          message: isOutsider ? 'Project not found.' : expect.any(String),
          errors: [{ status: answer.status }],
        });
      }
    }
  });

  it('SU-W5: for what is not offered, and in another method, are refused as JSON objects', async () => {
    const { asRoot } = await openService(await startTestGateway());
    for (const path of [servicePath, `${servicePath}/user/avnadmin`, '/v1/project/p1/kms/ca'])
      expectRefusal(await asRoot('patch', path, {}), 405, 'method-not-allowed');
    for (const path of [
      '/v1/clouds',
      '/v1/service_types',
      '/v1/service_versions',
      '/v1/project/p1/integration',
      '/v1/project/p1/integration_types',
      '/v1/project/p1/integration_endpoint',
      '/v1/project/p1/static-ips',
      '/v1/project/p1/tags',
      `${servicePath}/topic`,
      `${servicePath}/acl`,
      `${servicePath}/db`,
      `${servicePath}/integration`,
      '/v2/project/p1',
      '/v1/account',
    ])
      expectRefusal(await asRoot('get', path), 404, 'not-found');
    const alerts = [`${servicePath}/alerts`, '/v1/project/p1/alerts'];
    for (const path of alerts)
      expect((await asRoot('get', path).expect(200)).body).toEqual({ alerts: [] });
  });
});
