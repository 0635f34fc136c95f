import { describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import request from 'supertest';
import { pair, startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { makeOcspRequest, ocspErrors, postOcsp } from '../support/ocsp.js';
import { rowCounts } from '../support/record.js';
import { outputOf } from '../support/run.js';

/** A question about a certificate of this gateway. */
async function ask(gateway: TestGateway) {
  const { certPem } = await pair(gateway);
  const serial = new X509Certificate(certPem).serialNumber.toLowerCase();
  return { issuerPem: gateway.ca, serial };
}

/** Fetches a path with curl as it is written and lets openssl judge the answer. */
async function curl(gateway: TestGateway, path: string, der: Uint8Array): Promise<string> {
  const at = (name: string): string => join(gateway.home, name);
  const words = ['-q', '-sS', '--fail', '--path-as-is', '-D', at('head'), '-o', at('answer')];
  await outputOf(['curl', ...words, `${gateway.urls.pki}/pki/ocsp/${path}`]);
  writeFileSync(at('request'), der);
  const files = ['-reqin', at('request'), '-respin', at('answer'), '-CAfile', gateway.caFile];
  const text = await outputOf(['openssl', 'ocsp', '-issuer', gateway.caFile, ...files, '-text']);
  return `${readFileSync(at('head'), 'utf8')}\n${text}`;
}

/** A request whose base64 holds what the test is about; nonces and serial numbers are there to be varied. */
function requestLike(pattern: RegExp, make: (turn: number) => Uint8Array): Buffer {
  for (let turn = 0; turn < 100_000; turn += 1) {
    const der = Buffer.from(make(turn));
    if (pattern.test(der.toString('base64'))) return der;
  }
  throw new Error(`no request whose base64 is like ${String(pattern)}`);
}

describe('OCSP by GET (RFC 6960 A.1)', () => {
  it.each([
    ['doubled slashes', /\/\//],
    ['slash and plus', /\/[^/]+\+|\+.*\//],
  ])('serves base64 with %s, percent-encoded or raw', async (_what, pattern) => {
    const gateway = await startTestGateway();
    const { issuerPem, serial } = await ask(gateway);
    const der = requestLike(pattern, (turn) => {
      const other = { issuerPem, serial: (0x40000000 + turn * 7919).toString(16) };
      return makeOcspRequest({ questions: [{ issuerPem, serial }, other] });
    });
    const base64 = der.toString('base64');
    for (const path of [base64, encodeURIComponent(base64), base64.replaceAll('/', '%2f')]) {
      const answer = await curl(gateway, path, der);
      expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(answer).toContain('Content-Type: application/ocsp-response\r\n');
      expect(answer).toContain('Cert Status: good');
    }
  });

  it('may be cached for a minute, with the headers of RFC 5019', async () => {
    const gateway = await startTestGateway();
    const der = makeOcspRequest({ questions: [await ask(gateway)] });
    const path = `/pki/ocsp/${encodeURIComponent(Buffer.from(der).toString('base64'))}`;
    const { headers, body } = await request(gateway.urls.pki).get(path).responseType('blob');
    const now = gateway.clock.now();
    expect(headers).toMatchObject({
      'content-length': String((body as Buffer).length),
      'cache-control': 'max-age=60, public, no-transform, must-revalidate',
      'last-modified': new Date(now * 1000).toUTCString(),
      expires: new Date((now + 60) * 1000).toUTCString(),
    });
    expect(headers['etag']).toMatch(/^"[0-9a-f]{40}"$/);
    const again = await request(gateway.urls.pki)
      .get(path)
      .set('If-None-Match', String(headers['etag']))
      .set('If-Modified-Since', String(headers['last-modified']));
    expect(again.status).toBe(200);
  });

  it('is not cached with a nonce, nor as an error', async () => {
    const gateway = await startTestGateway();
    const question = await ask(gateway);
    const nonce = makeOcspRequest({ questions: [question], nonce: Buffer.alloc(32, 7) });
    const foreign = makeOcspRequest({ questions: [{ ...question, digest: 'sha384' }] });
    for (const der of [nonce, foreign, Buffer.from('30')]) {
      const path = `/pki/ocsp/${encodeURIComponent(Buffer.from(der).toString('base64'))}`;
      const { status, headers } = await request(gateway.urls.pki).get(path);
      expect(status).toBe(200);
      expect(headers).toMatchObject({ 'cache-control': 'no-store' });
      expect(headers).not.toHaveProperty('etag');
    }
  });

  it.each(['M', 'MAA', 'MA-_', 'M%20A=', '%00', 'MAA=%3D', '/'])(
    'calls %p malformed',
    async (path) => {
      const gateway = await startTestGateway();
      const { status, headers, body } = await request(gateway.urls.pki)
        .get(`/pki/ocsp/${path}`)
        .responseType('blob');
      expect(status).toBe(200);
      expect(headers).toMatchObject({ 'content-type': 'application/ocsp-response' });
      expect((body as Buffer).toString('hex')).toBe(ocspErrors.malformedRequest);
    },
  );

  it('refuses percent-encoding that means nothing, and a path that goes on', async () => {
    const { urls } = await startTestGateway();
    expect((await request(urls.pki).get('/pki/ocsp/%zz')).status).toBe(400);
    expect((await request(urls.pki).get('/pki/ocsp/')).status).toBe(404);
    expect((await request(urls.pki).get('/pki/ocsp')).status).toBe(405);
    expect((await request(urls.pki).head('/pki/ocsp/MAA=')).status).toBe(405);
    expect((await request(urls.pki).put('/pki/ocsp')).status).toBe(405);
  });
});

describe('OCSP by POST', () => {
  it('serves whatever the content type, and forbids keeping the answer', async () => {
    const gateway = await startTestGateway();
    const der = makeOcspRequest({ questions: [await ask(gateway)] });
    const { status, headers } = await postOcsp(gateway, der);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'application/ocsp-response',
      'cache-control': 'no-store',
    });
    const post = request(gateway.urls.pki).post('/pki/ocsp').set('Content-Type', 'text/plain');
    expect((await post.send(Buffer.from(der).toString('latin1'))).status).toBe(200);
  });

  it('echoes a nonce of 1 to 128 bytes, and calls any other malformed (RFC 9654 2.1)', async () => {
    const gateway = await startTestGateway();
    const question = await ask(gateway);
    for (const length of [1, 32, 128]) {
      const nonce = Buffer.alloc(length, 0xa5);
      const { body } = await postOcsp(gateway, makeOcspRequest({ questions: [question], nonce }));
      expect((body as Buffer).includes(nonce)).toBe(true);
      expect((body as Buffer).length).toBeGreaterThan(200);
    }
    for (const length of [0, 129]) {
      const nonce = Buffer.alloc(length, 0xa5);
      const { body } = await postOcsp(gateway, makeOcspRequest({ questions: [question], nonce }));
      expect((body as Buffer).toString('hex')).toBe(ocspErrors.malformedRequest);
    }
  });

  it('calls what is no request malformed, and keeps nothing of it', async () => {
    const gateway = await startTestGateway();
    const der = makeOcspRequest({ questions: [await ask(gateway)] });
    const rows = await rowCounts(gateway);
    for (const bytes of [
      [],
      [0x30, 0],
      [0x30, 0x80, 0, 0],
      [...der, 0],
      [...der.subarray(0, -1)],
    ]) {
      const { status, body } = await postOcsp(gateway, Buffer.from(bytes));
      expect(status).toBe(200);
      expect((body as Buffer).toString('hex')).toBe(ocspErrors.malformedRequest);
    }
    expect(await rowCounts(gateway)).toEqual(rows);
    const last = gateway.logs.findLast(({ message }) => message === 'request');
    expect(last).toMatchObject({ route: '/pki/ocsp', status: 200, reason: 'malformedRequest' });
  });

  it.each([
    [16_385, 'request-too-large', 'The OCSP request has 16385 bytes: send one of at most 16384.'],
    [65_537, 'body-too-large', 'The request body is larger than 64 KiB.'],
  ])('refuses %p bytes', async (length, reason, error) => {
    const gateway = await startTestGateway();
    const { status, body } = await postOcsp(gateway, Buffer.alloc(length));
    expect(status).toBe(413);
    expect(JSON.parse(String(body))).toMatchObject({ code: 413, error, reason });
  });

  it('says `internalError` when the record is damaged, and why in the log', async () => {
    const gateway = await startTestGateway();
    const der = makeOcspRequest({ questions: [await ask(gateway)] });
    await gateway.database.db
      .updateTable('certificates')
      .set({ revoked_at: 1, revocation_reason: 'whim' })
      .where('kind', '=', 'application')
      .execute();
    const { status, body } = await postOcsp(gateway, der);
    expect(status).toBe(200);
    expect((body as Buffer).toString('hex')).toBe(ocspErrors.internalError);
    const errors = gateway.logs.filter(
      ({ level, route }) => level === 'error' && route === '/pki/ocsp',
    );
    expect(errors).toHaveLength(1);
    expect(String(errors[0]?.['err'])).toContain('a revocation on record is damaged');
  });
});

describe('the redirect of doubled slashes', () => {
  it('is for the other listeners', async () => {
    const { urls, ca } = await startTestGateway();
    const { status, headers } = await request(urls.gateway).get('/v1//api.yaml').ca(ca);
    expect(status).toBe(301);
    expect(headers).toMatchObject({ location: '/v1/api.yaml' });
    expect((await request(urls.pki).get('/pki//a.crl')).status).toBe(404);
  });
});
