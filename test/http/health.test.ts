import { describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import request from 'supertest';
import type { TestGateway } from '../support/gateway.js';
import { startTestGateway } from '../support/gateway.js';

function ask(gateway: TestGateway, path: string) {
  return request(gateway.urls.pki).get(path);
}

describe('health', () => {
  it('is ok while the process runs and ready while the database and the authority answer', async () => {
    const gateway = await startTestGateway();
    expect((await ask(gateway, '/healthz').expect(200)).body).toEqual({ status: 'ok' });
    expect((await ask(gateway, '/readyz').expect(200)).body).toEqual({
      status: 'ready',
      failed: [],
    });
  });

  it('is not ready when the authority has expired, names it, and stays ok', async () => {
    const gateway = await startTestGateway({ EVERLEAF_CA_VALIDITY: '30d' });
    const end = Date.parse(new X509Certificate(gateway.ca).validTo) / 1000;
    gateway.clock.advance(end - gateway.clock.now() + 1);
    expect((await ask(gateway, '/readyz').expect(503)).body).toEqual({
      status: 'not ready',
      failed: ['authority'],
    });
    await ask(gateway, '/healthz').expect(200);
    expect(gateway.logs).toContainEqual(
      expect.objectContaining({ level: 'error', check: 'authority' }),
    );
  });

  it('is asked of the checks once a second, however often it is asked for', async () => {
    const gateway = await startTestGateway({ EVERLEAF_CA_VALIDITY: '30d' });
    gateway.clock.advance(31 * 86_400);
    for (let i = 0; i < 5; i += 1) await ask(gateway, '/readyz').expect(503);
    const failures = gateway.logs.filter(({ message }) => message === 'a readiness check failed');
    expect(failures).toHaveLength(1);
  });

  it('is served on the pki listener alone', async () => {
    const gateway = await startTestGateway();
    for (const url of [gateway.urls.gateway, gateway.urls.admin]) {
      for (const path of ['/healthz', '/readyz']) {
        await request(url).get(path).ca(gateway.ca).expect(404);
      }
    }
  });
});
