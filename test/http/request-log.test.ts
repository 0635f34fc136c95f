import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { call, callAdmin, createToken, csrBody, pair } from '../support/gateway.js';
import { renew, startTestGateway, subjectOf } from '../support/gateway.js';
import { makeKey } from '../support/requests.js';
import { openTls, requestText } from '../support/wire.js';

describe('the request log', () => {
  it('has one line a request: template, status, actor, reason and the id of the answer', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const renewed = await renew(gateway, holder).expect(201);
    const refused = await call(gateway, 'get', '/v1/applications/management/info').expect(401);
    await call(gateway, 'get', '/nothing?x=y').expect(404);
    await gateway.stop();
    await new Promise((done) => setImmediate(done)); // a line is written once its connection is over
    const lines = gateway.logs.filter(({ message }) => message === 'request').slice(2);
    const line = { level: 'info', listener: 'gateway', address: '127.0.0.1' };
    expect(lines).toEqual([
      expect.objectContaining({
        ...line,
        requestId: renewed.headers['x-request-id'],
        method: 'POST',
        route: '/v1/applications/certificates/renewals',
        status: 201,
        actor: 'application:app',
        reason: undefined,
      }),
      expect.objectContaining({
        ...line,
        requestId: refused.body.requestId,
        route: '/v1/applications/management/info',
        status: 401,
        actor: undefined,
        reason: 'certificate-required',
      }),
      expect.objectContaining({ ...line, route: 'unmatched', status: 404, reason: 'not-found' }),
    ]);
    expect(refused.headers['x-request-id']).toBe(refused.body.requestId);
  });

  it('holds no token, path, query, header, body or key, and the audit log holds none either', async () => {
    const gateway = await startTestGateway();
    const token = await createToken(gateway, 'app');
    const key = makeKey('rsa-2048');
    const pem = String(key.export({ format: 'pem', type: 'pkcs8' }));
    const post = (body: string, path = '/v1/applications/certificates') =>
      call(gateway, 'post', `${path}?token=${token}&q=query-canary`)
        .set('X-Canary', 'header-canary')
        .send(body);
    await post('{"csr":"body-canary').expect(400);
    await post(JSON.stringify({ csr: Buffer.from(pem).toString('base64') })).expect(400);
    await post(pem).expect(400);
    await post('{}', '/v1/path-canary').expect(404);
    await post('{}', '/v1/%path-canary').expect(400);
    await post(csrBody({ key, subject: subjectOf('app') })).expect(201);
    await post('{}').expect(403);
    await request(gateway.urls.admin)
      .get('/metrics')
      .ca(gateway.ca)
      .set('Authorization', 'Bearer bearer-canary')
      .expect(401);
    await callAdmin(gateway, 'get', '/metrics').expect(200);
    const raw = await openTls(gateway);
    const closed = new Promise((done) => raw.once('close', done));
    raw.resume();
    raw.write(requestText('GET', '/').replace('HTTP/1.1', 'raw-canary'));
    await closed;
    const events = await gateway.database.db.selectFrom('audit_events').selectAll().execute();
    const text = JSON.stringify([gateway.logs, events], (_name, value: unknown) =>
      value instanceof Error
        ? [value.message, value.stack, Object.entries(value), value.cause]
        : value,
    );
    expect(events.length).toBeGreaterThan(4);
    const middleOfKey = pem.split('\n')[3] ?? '';
    expect(middleOfKey).toHaveLength(64);
    for (const secret of [
      token,
      encodeURIComponent(token),
      token.slice(5, 30),
      gateway.adminToken,
      middleOfKey,
      '-canary',
    ]) {
      expect(text).not.toContain(secret);
    }
  });

  it('gives every request an id of its own and takes none from the client', async () => {
    const gateway = await startTestGateway();
    const ids = new Set<unknown>();
    for (let i = 0; i < 3; i += 1) {
      const answer = call(gateway, 'get', '/v1/api.yaml').set('X-Request-Id', 'forged');
      ids.add((await answer.expect(200)).headers['x-request-id']);
    }
    expect(ids.size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{24}$/);
  });

  it('shows a client that hung up as 499', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const socket = await openTls(gateway, { holder });
    const path = '/v1/applications/certificates/renewals';
    const head = requestText('POST', path, { headers: { 'Content-Length': '500' } });
    socket.write(`${head}{`, () => socket.destroy());
    const isThere = (): boolean => gateway.logs.some(({ status }) => status === 499);
    while (!isThere()) await call(gateway, 'get', '/v1/api.yaml').expect(200);
    expect(gateway.logs.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
