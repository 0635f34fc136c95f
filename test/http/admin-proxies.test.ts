import { describe, expect, it } from '@jest/globals';
import type { Test } from 'supertest';
import { callAdmin, startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { eventsOf } from '../support/record.js';

const proxied = { EVERLEAF_ADMIN_PROXIES: '127.0.0.1' };
const plain = { ...proxied, EVERLEAF_ADMIN_TLS: 'off' };

function metrics(gateway: TestGateway, headers: Readonly<Record<string, string>> = {}): Test {
  return callAdmin(gateway, 'get', '/metrics').set(headers);
}

async function expectHttpsRequired(answering: Test, word: string): Promise<void> {
  const { body } = await answering.expect(403);
  expect(body.reason).toBe('https-required');
  expect(body.error).toContain(word);
}

describe('the admin listener behind a proxy', () => {
  it('serves plain HTTP to its proxies, where they say that theirs is HTTPS', async () => {
    const gateway = await startTestGateway(plain);
    for (const scheme of ['https', 'HTTPS', 'https, https'])
      await metrics(gateway, { 'X-Forwarded-Proto': scheme }).expect(200);
    await expectHttpsRequired(metrics(gateway), 'X-Forwarded-Proto: https');
    for (const scheme of ['http', '', 'https,http', 'http, https', 'https,', 'wss', 'https x'])
      await expectHttpsRequired(
        metrics(gateway, { 'X-Forwarded-Proto': scheme }),
        'X-Forwarded-Proto: https',
      );
  });

  it('refuses everybody else there, on every path and before the access token is looked at', async () => {
    const gateway = await startTestGateway({ ...plain, EVERLEAF_ADMIN_PROXIES: '127.0.0.2' });
    const said = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': '127.0.0.2' };
    await expectHttpsRequired(metrics(gateway, said), 'EVERLEAF_ADMIN_PROXIES');
    await expectHttpsRequired(
      callAdmin(gateway, 'get', '/nowhere').set(said).set('Authorization', 'Bearer x'),
      'EVERLEAF_ADMIN_PROXIES',
    );
    const [event] = await eventsOf(gateway, 'request.refused');
    expect(event?.actor).toBe('address:127.0.0.1');
  });

  it('opens on every address without TLS of its own', async () => {
    const gateway = await startTestGateway({ ...plain, EVERLEAF_ADMIN_LISTEN: '0.0.0.0:0' });
    await metrics(gateway, { 'X-Forwarded-Proto': 'https' }).expect(200);
    await metrics(gateway).expect(403);
  });

  it('with TLS serves everybody, but not what a proxy got without', async () => {
    const gateway = await startTestGateway(proxied);
    await metrics(gateway).expect(200);
    await metrics(gateway, { 'X-Forwarded-Proto': 'https' }).expect(200);
    await expectHttpsRequired(metrics(gateway, { 'X-Forwarded-Proto': 'http' }), 'for HTTPS');
    const other = await startTestGateway({ EVERLEAF_ADMIN_PROXIES: '127.0.0.2' });
    await metrics(other, { 'X-Forwarded-Proto': 'http' }).expect(200);
  });

  it('takes the address of the client from its own proxies, not from those of the gateway', async () => {
    const forwarded = { 'X-Forwarded-For': '198.51.100.1, 203.0.113.7', Authorization: 'Bearer x' };
    for (const [name, address] of [
      ['EVERLEAF_ADMIN_PROXIES', '203.0.113.7'],
      ['EVERLEAF_GATEWAY_PROXIES', '127.0.0.1'],
    ] as const) {
      const gateway = await startTestGateway({ [name]: '127.0.0.1' });
      await metrics(gateway, forwarded).expect(401);
      const [event] = await eventsOf(gateway, 'request.refused');
      expect(event?.actor).toBe(`address:${address}`);
    }
  });
});
