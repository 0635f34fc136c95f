import { describe, expect, it } from '@jest/globals';
import type { TestGateway } from '../support/gateway.js';
import { call, createToken, csrBody, pair, startTestGateway } from '../support/gateway.js';
import { makeKey } from '../support/requests.js';
import type { WireAnswer } from '../support/wire.js';
import { ask, openTcp, openTls, readAnswer, readToEnd, requestText } from '../support/wire.js';

const json = 'application/json;charset=UTF-8';
const listeners = ['gateway', 'admin', 'pki'] as const;
type ListenerName = (typeof listeners)[number];
const served = { gateway: '/v1/api.yaml', admin: '/metrics', pki: '/healthz' } as const;

async function send(gateway: TestGateway, listener: ListenerName, text: string) {
  const url = gateway.urls[listener];
  const socket = listener === 'pki' ? await openTcp(url) : await openTls(gateway, {}, url);
  return { socket, answer: await ask(socket, text) };
}

function expectRefusal(
  answer: WireAnswer,
  expected: { status: number; error: string; reason: string },
): void {
  const { status, error, reason } = expected;
  expect(answer.headers.get('content-type')).toBe(json);
  expect(answer.body).toMatch(/\n$/);
  expect(JSON.parse(answer.body)).toMatchObject({ code: status, error, reason });
  expect(answer.status).toBe(status);
}

const notFound = {
  status: 404,
  error: 'Requested resource could not be found.',
  reason: 'not-found',
};
const notAllowed = { status: 405, error: 'Method not allowed.', reason: 'method-not-allowed' };
const malformedPath = {
  status: 400,
  error: 'The path or query is not correctly percent-encoded.',
  reason: 'path-malformed',
};
const notHttp = { status: 400, error: 'The request is not HTTP/1.1.', reason: 'http-malformed' };

describe.each(listeners)('the %s listener', (listener) => {
  it('HI-H7: answers unknown paths with its 404', async () => {
    const gateway = await startTestGateway();
    const path = served[listener];
    // The console is at the admin listener's root.
    const root = listener === 'admin' ? [] : ['/'];
    const unknown = [
      ...root,
      '/nothing',
      `${path}/`,
      path.toUpperCase(),
      `${path}%00`,
      '/%2e%2e/etc',
    ];
    for (const one of [...unknown, '/__proto__', '/v1/applications/certificates/renewals/x']) {
      const { answer } = await send(gateway, listener, requestText('GET', one));
      expectRefusal(answer, notFound);
    }
  });

  it('HI-H7: answers wrong methods with its 405, unknown ones included', async () => {
    const gateway = await startTestGateway();
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND']) {
      const { answer } = await send(gateway, listener, requestText(method, served[listener]));
      expectRefusal(answer, notAllowed);
    }
  });

  it('HI-H7: answers HEAD and CONNECT with 405 and OPTIONS * with 404', async () => {
    const gateway = await startTestGateway();
    const head = requestText('HEAD', served[listener], { headers: { Connection: 'close' } });
    const url = gateway.urls[listener];
    const socket = listener === 'pki' ? await openTcp(url) : await openTls(gateway, {}, url);
    socket.write(head);
    const text = await readToEnd(socket);
    expect(text).toMatch(/^HTTP\/1\.1 405 /);
    expect(text).toMatch(/\r\n\r\n$/);
    const { answer } = await send(gateway, listener, requestText('OPTIONS', '*'));
    expectRefusal(answer, notFound);
    const tunnel = requestText('CONNECT', 'evil.example:443');
    expectRefusal((await send(gateway, listener, tunnel)).answer, notAllowed);
  });

  it('HI-H7: answers malformed percent-encoding with its 400', async () => {
    const gateway = await startTestGateway();
    for (const path of ['/%', '/%zz', '/%c3%28', `${served[listener]}?token=%`, '/v1?%ff=1']) {
      const { answer } = await send(gateway, listener, requestText('GET', path));
      expectRefusal(answer, malformedPath);
    }
  });

  it('HI-H7: takes the path of an absolute target', async () => {
    const gateway = await startTestGateway();
    const known = requestText('PUT', `http://evil.example${served[listener]}`);
    expectRefusal((await send(gateway, listener, known)).answer, notAllowed);
    const unknown = requestText('GET', 'https://evil.example/nothing');
    expectRefusal((await send(gateway, listener, unknown)).answer, notFound);
  });

  it.each([
    ['no HTTP at all', 'EHLO everleaf\r\n\r\n'],
    ['a version that is none', 'GET / HTTP/9.9\r\nHost: localhost\r\n\r\n'],
    ['a space before the colon', 'GET / HTTP/1.1\r\nHost : localhost\r\n\r\n'],
    [
      'two ways to end a body',
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd',
    ],
  ])('HI-H7: answers %s in JSON, closes, and notes it', async (_case, text) => {
    const gateway = await startTestGateway();
    const { socket, answer } = await send(gateway, listener, text);
    expectRefusal(answer, notHttp);
    expect(answer.headers.get('connection')).toBe('close');
    expect(await readToEnd(socket)).toBe('');
    expect(gateway.logs).toContainEqual(
      expect.objectContaining({ listener, status: 400, reason: 'http-malformed' }),
    );
  });

  it('HI-H7: answers a request without Host in JSON', async () => {
    const gateway = await startTestGateway();
    const text = `GET ${served[listener]} HTTP/1.1\r\n\r\n`;
    const error = 'The request has no Host header.';
    expectRefusal((await send(gateway, listener, text)).answer, { ...notHttp, error });
  });

  it('HI-H7: answers headers of 17 KB in JSON and reads 15 KB', async () => {
    const gateway = await startTestGateway();
    const withHeader = (length: number): string =>
      requestText('PUT', served[listener], { headers: { 'X-Long': 'x'.repeat(length) } });
    expectRefusal((await send(gateway, listener, withHeader(17_000))).answer, {
      status: 431,
      error: 'The request headers are larger than 16 KiB.',
      reason: 'headers-too-large',
    });
    expectRefusal((await send(gateway, listener, withHeader(15_000))).answer, notAllowed);
  });
});

describe('a path with //', () => {
  it.each(['gateway', 'admin'] as const)(
    'HI-H7: is led to the clean path by the %s listener, and never to another host',
    async (listener) => {
      const gateway = await startTestGateway();
      for (const [path, location] of [
        ['/v1//applications///x?a=//b', '/v1/applications/x?a=//b'],
        ['//evil.example/', '/evil.example/'],
        ['//\\evil.example/', '/%5Cevil.example/'],
        ['///evil.example', '/evil.example'],
      ] as const) {
        const { answer } = await send(gateway, listener, requestText('GET', path));
        expect(answer.status).toBe(301);
        expect(answer.headers.get('location')).toBe(location);
        expect(answer.body).toBe('');
      }
    },
  );

  it('HI-H7: is an unknown path of the pki listener, where // may mean what it says', async () => {
    const gateway = await startTestGateway();
    for (const path of ['//healthz', '/pki//x.crl', '//evil.example/']) {
      expectRefusal((await send(gateway, 'pki', requestText('GET', path))).answer, notFound);
    }
  });
});

describe('a path that is not served as it was asked', () => {
  it('HI-H7: uses no token up by a wrong method, HEAD, a trailing slash or //', async () => {
    const gateway = await startTestGateway();
    const query = `token=${await createToken(gateway, 'app')}`;
    const path = '/v1/applications/signingRequests/info';
    await call(gateway, 'post', `${path}?${query}`).expect(405);
    await call(gateway, 'head', `${path}?${query}`).expect(405);
    await call(gateway, 'options', `${path}?${query}`).expect(405);
    await call(gateway, 'get', `${path}/?${query}`).expect(404);
    await call(gateway, 'get', `//v1/applications/signingRequests/info?${query}`).expect(301);
    await call(gateway, 'get', `${path}?${query}&x=%`).expect(400);
    await call(gateway, 'get', `${path}?${query}`).expect(200);
  });

  it('HI-H7: does not let what follows a request answer it', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const socket = await openTls(gateway, { holder });
    const path = '/v1/applications/certificates/renewals';
    const body = csrBody({ key: makeKey('prime256v1') });
    const answer = readAnswer(socket);
    socket.write(`${requestText('POST', path, { body })}\r\n\r\nno HTTP\r\n\r\n`);
    expect((await answer).status).toBe(201);
    expect(await readToEnd(socket)).toBe('');
  });
});
