import { describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Holder, TestGateway } from '../support/gateway.js';
import { call, csrBody, pair, startTestGateway, subjectOf } from '../support/gateway.js';
import { temporaryHome } from '../support/gateway.js';
import { outputOf } from '../support/run.js';
import { countCertificates } from '../support/refusals.js';
import { ask, openTls, readToEnd, requestText } from '../support/wire.js';

const renewals = '/v1/applications/certificates/renewals';
const limit = 65_536;

/** A gateway with a paired application, which must have as many certificates afterwards. */
async function paired(): Promise<{ gateway: TestGateway; holder: Holder; body: string }> {
  const gateway = await startTestGateway();
  const holder = await pair(gateway);
  return { gateway, holder, body: csrBody({ key: holder.key, subject: subjectOf('app') }) };
}

const tooLarge = {
  code: 413,
  error: 'The request body is larger than 64 KiB.',
  reason: 'body-too-large',
  requestId: expect.any(String),
};

describe('the label of a body', () => {
  it.each([undefined, 'application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; x'])(
    'HI-H1: %s is no hindrance: the body is read as JSON',
    async (type) => {
      const { gateway, holder, body } = await paired();
      const socket = await openTls(gateway, { holder });
      const headers = type === undefined ? {} : { 'Content-Type': type };
      expect((await ask(socket, requestText('POST', renewals, { headers, body }))).status).toBe(
        201,
      );
    },
  );

  it.each([
    ['gzip', gzipSync],
    ['GZIP', gzipSync],
    ['br', Buffer.from],
    ['identity, gzip', gzipSync],
  ])('HI-H5: a body compressed by %s is 415', async (encoding, compress) => {
    const { gateway, holder, body } = await paired();
    const answer = await call(gateway, 'post', renewals, holder)
      .set('Content-Encoding', encoding)
      .set('Content-Type', 'application/json')
      .serialize((bytes) => bytes as string)
      .send(compress(body));
    expect(answer.status).toBe(415);
    expect(answer.body).toMatchObject({
      error: 'Send the request body without compression.',
      reason: 'encoding-unsupported',
    });
    expect(await countCertificates(gateway)).toEqual({ application: 1, server: 1 });
  });

  it('HI-H5: identity is no compression', async () => {
    const { gateway, holder, body } = await paired();
    const post = call(gateway, 'post', renewals, holder).set('Content-Encoding', 'identity');
    await post.send(body).expect(201);
  });
});

describe('the size of a body', () => {
  it('HI-H2: 64 KiB are read, one byte more is 413 and the connection is closed', async () => {
    const { gateway, holder, body } = await paired();
    await call(gateway, 'post', renewals, holder).send(body.padEnd(limit)).expect(201);
    const socket = await openTls(gateway, { holder });
    const text = requestText('POST', renewals, { body: body.padEnd(limit + 1) });
    const answer = await ask(socket, text);
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.body)).toEqual(tooLarge);
    expect(answer.headers.get('connection')).toBe('close');
    expect(await readToEnd(socket)).toBe('');
    expect(await countCertificates(gateway)).toEqual({ application: 2, server: 1 });
  });

  it('HI-H2: without a length it is the same, and an endless body is cut off', async () => {
    const { gateway, holder, body } = await paired();
    const headers = { 'Transfer-Encoding': 'chunked' };
    const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
    const full = await openTls(gateway, { holder });
    const fits = chunk(body) + chunk(' '.repeat(limit - body.length)) + chunk('');
    expect((await ask(full, requestText('POST', renewals, { headers }) + fits)).status).toBe(201);

    const endless = await openTls(gateway, { holder });
    const sending = setInterval(() => endless.write(chunk('x'.repeat(10_000))), 1);
    const answer = await ask(endless, requestText('POST', renewals, { headers }));
    expect(JSON.parse(answer.body)).toEqual(tooLarge);
    await readToEnd(endless);
    clearInterval(sending);
    expect(await countCertificates(gateway)).toEqual({ application: 2, server: 1 });
  });

  it.each([
    ['100-continue', ['-H', 'Expect: 100-continue']],
    ['nothing', ['-H', 'Expect:']],
    ['an unknown length', ['-H', 'Expect:', '-H', 'Transfer-Encoding: chunked']],
  ])('HI-H2: curl that uploads 10 MB and expects %s gets the 413', async (_case, words) => {
    const { gateway, holder } = await paired();
    const folder = temporaryHome();
    const at = (name: string, content: string | Buffer): string => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const pairOf = ['--cert', at('crt', holder.certPem), '--key', at('key', holder.keyPem)];
    const upload = ['-T', at('huge', Buffer.alloc(10_000_000, 'x')), '-X', 'POST', ...words];
    for (let turn = 1; turn <= 5; turn += 1) {
      const options = ['-q', '-sS', '-i', '--cacert', gateway.caFile, ...pairOf, ...upload];
      const text = await outputOf(['curl', ...options, gateway.urls.gateway + renewals]);
      expect(text).toMatch(/^HTTP\/1\.1 413 /);
      expect(text).not.toContain('100 Continue');
      expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).toEqual(tooLarge);
    }
  });

  it('HI-H2: who expects 100-continue is told to go on only when the body is wanted', async () => {
    const { gateway, holder, body } = await paired();
    const headers = { Expect: '100-continue', 'Content-Length': String(body.length) };
    const head = requestText('POST', renewals, { headers });
    const socket = await openTls(gateway, { holder });
    const goOn = new Promise<string>((done) => socket.once('data', (x: Buffer) => done(String(x))));
    socket.write(head);
    expect(await goOn).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    expect((await ask(socket, body)).status).toBe(201);

    const nobody = await openTls(gateway);
    nobody.write(head);
    expect(await readToEnd(nobody)).toMatch(/^HTTP\/1\.1 401 /);
  });
});

describe('a body that names its keys twice', () => {
  it.each([
    ['equal', (body: string) => body.replace('}', ',"csr":"x"}')],
    ['in another letter case', (body: string) => body.replace('{', '{"CSR":"x",')],
    ['escaped', (body: string) => body.replace('{', '{"\\u0063sr":"x",')],
  ])('HI-H6: %s is 400', async (_case, spoil) => {
    const { gateway, holder, body } = await paired();
    const answer = await call(gateway, 'post', renewals, holder).send(spoil(body)).expect(400);
    expect(answer.body).toMatchObject({
      error: 'Error while unmarshalling request body: it names csr twice.',
      reason: 'field-duplicate',
    });
    await call(gateway, 'post', renewals, holder).send(body).expect(201);
    expect(await countCertificates(gateway)).toEqual({ application: 2, server: 1 });
  });
});
