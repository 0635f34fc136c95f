import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import type { TestGateway } from '../support/gateway.js';
import { call, callAdmin, createToken, pair, renew, startTestGateway } from '../support/gateway.js';
import { ask, openTls, requestText } from '../support/wire.js';

/** The value of each series of one metric by its labels, in the order in which they were first counted. */
async function series(gateway: TestGateway, metric: string): Promise<Record<string, number>> {
  const { text } = await callAdmin(gateway, 'get', '/metrics').expect(200);
  const lines = text.split('\n').filter((line) => line.startsWith(`${metric}{`));
  return Object.fromEntries(
    lines.map((line) => {
      const end = line.lastIndexOf('}');
      return [line.slice(metric.length + 1, end), Number(line.slice(end + 1))];
    }),
  );
}

describe('/metrics', () => {
  it('counts requests by listener, route template, method and status', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    await renew(gateway, holder).expect(201);
    await renew(gateway, holder).expect(201);
    await call(gateway, 'put', '/v1/applications/certificates/renewals').expect(405);
    expect(await series(gateway, 'everleaf_http_requests_total')).toEqual({
      'listener="admin",route="/v1/applications/tokens",method="POST",status="201"': 1,
      'listener="gateway",route="/v1/applications/certificates",method="POST",status="201"': 1,
      'listener="gateway",route="/v1/applications/certificates/renewals",method="POST",status="201"': 2,
      'listener="gateway",route="/v1/applications/certificates/renewals",method="PUT",status="405"': 1,
    });
    expect(await series(gateway, 'everleaf_certificates_issued_total')).toMatchObject({
      'kind="application"': 3,
    });
  });

  it('counts refusals by reason, those of what is not even a request too', async () => {
    const gateway = await startTestGateway();
    await call(gateway, 'get', '/v1/applications/management/info').expect(401);
    await call(gateway, 'get', '/v1/applications/signingRequests/info?token=x').expect(403);
    await ask(await openTls(gateway), 'no HTTP\r\n\r\n');
    expect(await series(gateway, 'everleaf_requests_refused_total')).toEqual({
      'reason="certificate-required"': 1,
      'reason="token-unknown"': 1,
      'reason="http-malformed"': 1,
    });
  });

  it('grows by no path, query, method or name that a client makes up', async () => {
    const gateway = await startTestGateway();
    const token = await createToken(gateway, 'secret-name');
    for (const path of ['/a', '/b', `/c?token=${token}`, `/pki/${token}.crl`, `/${token}`]) {
      await call(gateway, 'get', path).expect(404);
      await request(gateway.urls.pki).get(path).expect(404);
    }
    for (const method of ['PROPFIND', 'MKCOL', 'LOCK']) {
      await ask(await openTls(gateway), `${method} /a HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    }
    await call(gateway, 'get', `/v1/applications/signingRequests/info?token=${token}`).expect(200);
    const { text } = await callAdmin(gateway, 'get', '/metrics').expect(200);
    for (const secret of [token, encodeURIComponent(token), gateway.adminToken, 'secret-name']) {
      expect(text).not.toContain(secret);
    }
    const routes = new Set(text.match(/(?<=route=")[^"]*/g));
    expect([...routes].sort()).toEqual([
      '/pki/:authority.crl',
      '/v1/applications/signingRequests/info',
      '/v1/applications/tokens',
      'unmatched',
    ]);
    expect(new Set(text.match(/(?<=method=")[^"]*/g))).toEqual(new Set(['GET', 'POST', 'OTHER']));
  });

  it('says how long the authority lives', async () => {
    const gateway = await startTestGateway({ EVERLEAF_CA_VALIDITY: '30d' });
    gateway.clock.advance(10 * 86_400);
    const { text } = await callAdmin(gateway, 'get', '/metrics').expect(200);
    expect(text).toMatch(/^everleaf_authority_expiry_days 20$/m);
  });

  it('is for those with an access token, and not for browsers', async () => {
    const gateway = await startTestGateway();
    const get = () => request(gateway.urls.admin).get('/metrics').ca(gateway.ca);
    expect((await get().expect(401)).body.reason).toBe('access-token-missing');
    const guess = await get().set('Authorization', 'Bearer guess').expect(401);
    expect(guess.body.reason).toBe('access-token-invalid');
    const browser = callAdmin(gateway, 'get', '/metrics').set('Origin', 'https://evil.example');
    expect((await browser.expect(403)).body.reason).toBe('browser-request');
    const headers = { Authorization: `Bearer ${gateway.adminToken}`, Host: 'evil.example' };
    const admin = await openTls(gateway, {}, gateway.urls.admin);
    const rebound = await ask(admin, requestText('GET', '/metrics', { headers }));
    expect(JSON.parse(rebound.body)).toMatchObject({ code: 403, reason: 'host-unknown' });
    await call(gateway, 'get', '/metrics').expect(404);
    await request(gateway.urls.pki).get('/metrics').expect(404);
  });
});
