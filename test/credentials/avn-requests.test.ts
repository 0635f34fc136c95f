import { describe, expect, it } from '@jest/globals';
import { startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { addUser, expectRefusal } from '../support/people.js';
import { newKafka, openService, servicePath } from '../support/services.js';
import type { ServiceHouse } from '../support/services.js';
import { ask, openTls, requestText } from '../support/wire.js';

/** The requests of `avn` 4.16.0 byte by byte but for the host; `needs` is what it reads of the answer. */
const requests: readonly {
  readonly command: string;
  readonly line: `${'GET' | 'POST' | 'PUT' | 'DELETE'} ${string}`;
  readonly body?: object;
  readonly needs: readonly string[];
}[] = [
  { command: 'user-creds-download', line: 'GET /v1/project/p1/kms/ca', needs: ['certificate'] },
  {
    command: 'user-creds-download',
    line: `GET ${servicePath}`,
    needs: [
      'service.users.0.username',
      'service.users.0.access_cert',
      'service.users.0.access_key',
      'service.service_uri',
    ],
  },
  {
    command: 'user-creds-acknowledge',
    line: `PUT ${servicePath}/user/avnadmin`,
    body: { operation: 'acknowledge-renewal' },
    needs: ['service'],
  },
  {
    command: 'user-get',
    line: `GET ${servicePath}/user/avnadmin`,
    needs: ['user.username', 'user.type'],
  },
  {
    command: 'user-create',
    line: `POST ${servicePath}/user`,
    body: { username: 'app' },
    needs: ['user'],
  },
  {
    command: 'user-password-reset',
    line: `PUT ${servicePath}/user/app`,
    body: { operation: 'reset-credentials', new_password: 'correct horse' },
    needs: ['service'],
  },
  { command: 'user-delete', line: `DELETE ${servicePath}/user/app`, needs: [] },
  {
    command: 'credentials-reset',
    line: `PUT ${servicePath}/credentials/reset`,
    needs: columns('service'),
  },
  {
    command: 'service get -v',
    line: `GET ${servicePath}`,
    needs: [...columns('service'), 'service.connection_info', 'service.user_config'],
  },
  { command: 'service list', line: 'GET /v1/project/p1/service', needs: columns('services.0') },
  { command: 'service create --cloud', line: 'GET /v1/project/p1/vpcs', needs: ['vpcs'] },
  {
    command: 'service create',
    line: 'GET /v1/project/p1/service-types/kafka',
    needs: ['user_config_schema'],
  },
  {
    command: 'service create',
    line: 'POST /v1/project/p1/service',
    body: { ...newKafka, service_name: 'kafka-2', user_config: {}, static_ips: [] },
    needs: ['service'],
  },
  {
    command: 'service update --power-on',
    line: `PUT ${servicePath}`,
    body: { plan: 'self-hosted', powered: true, user_config: {} },
    needs: columns('service'),
  },
  {
    command: 'connection-info kcat',
    line: `GET ${servicePath}`,
    needs: ['service.components.0.host', 'service.components.0.kafka_authentication_method'],
  },
];

function columns(at: string): string[] {
  const names = ['service_name', 'service_type', 'state', 'cloud_name', 'plan'];
  return [...names, 'create_time', 'update_time'].map((name) => `${at}.${name}`);
}

async function send(
  gateway: TestGateway,
  token: string | undefined,
  [method = '', path = '']: readonly string[],
  body?: object,
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

function has(answer: unknown, path: string): boolean {
  let value: unknown = answer;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return false;
    value = (value as Record<string, unknown>)[name];
  }
  return true;
}

describe('the requests of avn', () => {
  it('W1, W2, W3, W6: are answered with what it reads, by doubled slash and with a limit too', async () => {
    const { gateway, root }: ServiceHouse = await openService(await startTestGateway());
    for (const { command, line, body, needs } of requests) {
      const [method = '', path = ''] = line.split(' ');
      const doubled = `/${path}?limit=999&x=1`;
      for (const way of method === 'GET' ? [path, doubled] : [doubled]) {
        const answer = await send(gateway, root.token, [method, way], body);
        const parsed: unknown = JSON.parse(answer.body);
        const missing = needs.filter((need) => !has(parsed, need));
        expect({ command, way, status: answer.status, missing }).toEqual({
          command,
          way,
          status: 200,
          missing: [],
        });
        expect(parsed).not.toHaveProperty('error');
      }
    }
  });

  it('W1, W5, C4: are refused as JSON objects without a token, and to outsiders by one sentence', async () => {
    const { gateway } = await openService(await startTestGateway());
    const outsider = await addUser(gateway, 'outsider@example.com');
    for (const { line, body } of requests) {
      for (const token of [undefined, 'wrong', outsider.token]) {
        const answer = await send(gateway, token, line.split(' '), body);
        expect(answer.status).toBe(token === outsider.token ? 404 : 401);
        expect(JSON.parse(answer.body)).toMatchObject({
          message: token === outsider.token ? 'Project not found.' : expect.any(String),
          errors: [{ status: answer.status }],
        });
      }
    }
  });

  it('W5: in another method are refused as JSON objects', async () => {
    const { asRoot } = await openService(await startTestGateway());
    for (const path of [servicePath, `${servicePath}/user/avnadmin`, '/v1/project/p1/kms/ca'])
      expectRefusal(await asRoot('patch', path, {}), 405, 'method-not-allowed');
    const alerts = [`${servicePath}/alerts`, '/v1/project/p1/alerts'];
    for (const path of alerts)
      expect((await asRoot('get', path).expect(200)).body).toEqual({ alerts: [] });
  });
});
