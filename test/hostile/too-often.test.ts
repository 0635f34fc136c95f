import { describe, expect, it } from '@jest/globals';
import { call, createToken, csrBody, pair, renew } from '../support/gateway.js';
import { startTestGateway, subjectOf } from '../support/gateway.js';
import { countCertificates } from '../support/refusals.js';
import { ask, openTls, requestText } from '../support/wire.js';

const renewals = '/v1/applications/certificates/renewals';
const rate = { EVERLEAF_RENEWAL_RATE: '60' };

describe('a client that asks too often', () => {
  it('HI-H8: of 1,000 renewals with one certificate 60 are served and 940 are 429', async () => {
    const gateway = await startTestGateway(rate);
    const holder = await pair(gateway);
    const other = await pair(gateway, 'other');
    const socket = await openTls(gateway, { holder });
    const body = csrBody({ key: holder.key, subject: subjectOf('app') });
    const statuses: number[] = [];
    for (let i = 0; i < 1_000; i += 1) {
      const answer = await ask(socket, requestText('POST', renewals, { body }));
      statuses.push(answer.status);
      if (answer.status === 201) continue;
      const seconds = Number(answer.headers.get('retry-after'));
      expect(seconds).toBeGreaterThanOrEqual(1);
      expect(seconds).toBeLessThanOrEqual(60);
      expect(JSON.parse(answer.body)).toEqual({
        code: 429,
        error: `Too many requests: try again in ${String(seconds)} seconds.`,
        reason: 'rate-limited',
        requestId: expect.any(String),
      });
    }
    expect(statuses).toEqual([...Array<number>(60).fill(201), ...Array<number>(940).fill(429)]);
    await renew(gateway, other).expect(201);
    await call(gateway, 'get', '/v1/applications/management/info', holder).expect(200);
    expect(await countCertificates(gateway)).toEqual({ application: 4, server: 1 });
  });

  it('HI-H8: a body is not read before the rate is judged, and refused requests count too', async () => {
    const gateway = await startTestGateway(rate);
    const holder = await pair(gateway);
    for (let i = 0; i < 60; i += 1) {
      const post = call(gateway, 'post', renewals, holder).send('{');
      await post.expect(400);
    }
    await call(gateway, 'post', renewals, holder).send('{').expect(429);
    await renew(gateway, holder).expect(429);
    expect(await countCertificates(gateway)).toEqual({ application: 1, server: 1 });
  });

  it('HI-H8: guesses of tokens are limited by address, and holders are not', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const token = await createToken(gateway, 'late');
    const socket = await openTls(gateway);
    const path = '/v1/applications/signingRequests/info?token=';
    const counts = new Map<number, number>();
    for (let i = 0; i < 1_300; i += 1) {
      const { status } = await ask(socket, requestText('GET', `${path}guess${String(i)}`));
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }
    expect([...counts.keys()]).toEqual([403, 429]);
    expect(counts.get(429)).toBeGreaterThanOrEqual(100);
    expect((await call(gateway, 'get', path + token).expect(429)).body.reason).toBe('rate-limited');
    await renew(gateway, holder).expect(201);
  });

  it('HI-H8: guesses of access tokens are limited by address', async () => {
    const gateway = await startTestGateway({ EVERLEAF_ADMIN_TLS: 'off' });
    const counts = new Map<number, number>();
    for (let i = 0; i < 1_300; i += 1) {
      const { status } = await fetch(`${gateway.urls.admin}/v1/applications/tokens`, {
        method: 'POST',
        headers: { Authorization: `Bearer guess${String(i)}`, Application: 'app' },
      });
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }
    expect(counts).toEqual(
      new Map([
        [401, 1_200],
        [429, 100],
      ]),
    );
  });
});
