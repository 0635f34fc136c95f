import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import request from 'supertest';
import { call, pair, startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { fetchList, listPath, readList } from '../support/revocation-list.js';

const day = 86_400;

function get({ urls }: TestGateway, path: string, headers: Record<string, string> = {}) {
  return request(urls.pki).get(path).set(headers).responseType('blob');
}

async function revokeOne(gateway: TestGateway): Promise<void> {
  const holder = await pair(gateway);
  await call(gateway, 'post', '/v1/applications/certificates/revocations', holder).expect(201);
}

function httpDate(seconds: number): string {
  return new Date(seconds * 1000).toUTCString();
}

describe('the revocation list over HTTP', () => {
  it('says what it is and how long it may be kept', async () => {
    const gateway = await startTestGateway();
    const path = await listPath(gateway);
    const der = await fetchList(gateway, path);
    gateway.clock.advance(5);

    const { headers } = await get(gateway, path).expect(200);

    const now = gateway.clock.now();
    expect(headers).toMatchObject({
      'content-type': 'application/pkix-crl',
      'content-length': String(der.length),
      'cache-control': 'public, max-age=60, no-transform, must-revalidate',
      expires: httpDate(now + 60),
      'last-modified': httpDate(now - 5),
    });
    expect(headers['etag']).toBe(`"${(await readList(gateway, der)).number}"`);
  });

  it('answers 304 to whoever has it, with the same headers and no body', async () => {
    const gateway = await startTestGateway();
    const path = await listPath(gateway);
    const { headers } = await get(gateway, path).expect(200);
    const etag = String(headers['etag']);
    const date = String(headers['last-modified']);

    for (const known of [
      { 'If-None-Match': etag },
      { 'If-None-Match': `"other", W/${etag}` },
      { 'If-None-Match': '*' },
      { 'If-Modified-Since': date },
      { 'If-None-Match': etag, 'If-Modified-Since': httpDate(0) },
    ]) {
      const answer = await get(gateway, path, known).expect(304);
      expect(answer.headers).toMatchObject({
        etag,
        'cache-control': headers['cache-control'],
        expires: headers['expires'],
        'last-modified': date,
      });
      expect(answer.headers).not.toHaveProperty('content-type');
      expect(answer.headers).not.toHaveProperty('content-length');
    }
  });

  it('is sent whole to whoever has another one, or a date of their own clock', async () => {
    const gateway = await startTestGateway();
    const path = await listPath(gateway);
    const { headers } = await get(gateway, path).expect(200);
    const etag = String(headers['etag']);
    const now = gateway.clock.now();

    for (const known of [
      { 'If-None-Match': '"1"' },
      { 'If-None-Match': etag.replaceAll('"', '') },
      { 'If-None-Match': '' },
      { 'If-None-Match': '"1"', 'If-Modified-Since': String(headers['last-modified']) },
      { 'If-Modified-Since': httpDate(now + 3600) },
      { 'If-Modified-Since': httpDate(now - 1) },
      { 'If-Modified-Since': 'yesterday' },
    ])
      await get(gateway, path, known).expect(200);
  });

  it('hides no revocation from whoever asks with what they know, not even in the same second', async () => {
    const gateway = await startTestGateway();
    const path = await listPath(gateway);
    const { headers: before } = await get(gateway, path).expect(200);
    await revokeOne(gateway);

    for (const known of [
      { 'If-None-Match': String(before['etag']) },
      { 'If-Modified-Since': String(before['last-modified']) },
    ]) {
      const answer = await get(gateway, path, known).expect(200);
      expect(answer.headers['etag']).not.toBe(before['etag']);
      // Two lists of one second cannot be told apart by it.
      expect(answer.headers).not.toHaveProperty('last-modified');
    }
  });

  it('is never kept past its nextUpdate', async () => {
    const gateway = await startTestGateway();
    const path = await listPath(gateway);
    await get(gateway, path).expect(200);
    gateway.clock.advance(day / 2 - 1);
    const { headers } = await get(gateway, path).expect(200);
    const { text } = await readList(gateway, await fetchList(gateway, path));
    const nextUpdate = Date.parse(String(/Next Update: (.*)/.exec(text)?.[1])) / 1000;
    expect(Date.parse(String(headers['expires'])) / 1000).toBeLessThan(nextUpdate);
    expect(headers['cache-control']).toContain('must-revalidate');
  });

  it('is not for HEAD nor for POST', async () => {
    const gateway = await startTestGateway();
    const path = await listPath(gateway);
    await request(gateway.urls.pki).head(path).expect(405);
    await request(gateway.urls.pki).post(path).expect(405);
  });
});

describe('the CA certificate over HTTP', () => {
  it('is the same for ever under its path', async () => {
    const gateway = await startTestGateway();
    const path = (await listPath(gateway)).replace(/crl$/, 'crt');

    const { headers, body } = await get(gateway, path).expect(200);

    const sha256 = createHash('sha256').update(body).digest('hex');
    expect(sha256).toBe(gateway.caSha256);
    expect(headers).toMatchObject({
      'content-type': 'application/pkix-cert',
      'content-length': String((body as Buffer).length),
      'cache-control': `public, max-age=${365 * day}, no-transform, immutable`,
      etag: `"${sha256}"`,
    });
    await get(gateway, path, { 'If-None-Match': `"${sha256}"` }).expect(304);
    await get(gateway, path, { 'If-None-Match': '"other"' }).expect(200);
    await get(gateway, '/pki/0123456789abcdef.crt').expect(404);
  });
});
