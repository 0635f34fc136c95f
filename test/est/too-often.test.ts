import { describe, expect, it } from '@jest/globals';
import { estPath, expectEstRefusal, simpleEnroll, simpleReenroll } from '../support/est.js';
import { call, createToken, pair, renew, startTestGateway } from '../support/gateway.js';
import { ask, openTls, requestText } from '../support/wire.js';

describe('a certificate that is renewed too often', () => {
  it('HI-H8: has one rate for JSON and EST together, and others are undisturbed', async () => {
    const gateway = await startTestGateway({ EVERLEAF_RENEWAL_RATE: '4' });
    const [holder, other] = [await pair(gateway), await pair(gateway, 'other')];
    for (let i = 0; i < 2; i += 1) {
      await renew(gateway, holder).expect(201);
      await simpleReenroll(gateway, holder).expect(200);
    }
    await renew(gateway, holder).expect(429);
    expectEstRefusal(await simpleReenroll(gateway, holder), {
      status: 429,
      lines: [/^Too many requests: try again in \d+ seconds\.$/],
    });
    await call(gateway, 'get', '/v1/applications/management/info', holder).expect(200);
    await simpleReenroll(gateway, other).expect(200);
  });
});

describe('an address that asks EST too often', () => {
  it('HI-H8: guesses no more tokens, gets a 429 that says when to come back, and its holders renew', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const token = await createToken(gateway, 'app');
    const socket = await openTls(gateway);
    const counts = new Map<number, number>();
    for (let i = 0; i < 1_300; i += 1) {
      const headers = {
        Authorization: `Basic ${Buffer.from(`app:${String(i)}`).toString('base64')}`,
      };
      const guess = requestText('POST', `${estPath}/simpleenroll`, { headers });
      const { status } = await ask(socket, guess);
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }
    expect([...counts.keys()]).toEqual([401, 429]);
    expect(counts.get(429)).toBeGreaterThanOrEqual(100);

    const lines = [/^Too many requests: try again in \d+ seconds\.$/];
    for (const answer of [
      await simpleEnroll(gateway, { token }, ''),
      await call(gateway, 'get', `${estPath}/cacerts`),
      await call(gateway, 'get', `${estPath}/csrattrs`),
    ]) {
      expectEstRefusal(answer, { status: 429, lines });
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
    const info = `/v1/applications/signingRequests/info?token=${token}`;
    await call(gateway, 'get', info).expect(429);
    await simpleReenroll(gateway, holder).expect(200);
  });
});
