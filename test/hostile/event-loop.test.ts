import { describe, expect, it } from '@jest/globals';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { readCsrBody } from '../../src/connector/requests.js';
import { Failure } from '../../src/failure.js';
import { readRequest } from '../../src/pki/certification-request.js';
import { encodePem } from '../../src/pki/pem.js';
import { call, pair, startTestGateway } from '../support/gateway.js';
import { countCertificates } from '../support/refusals.js';

const limit = 65_536;
const renewals = '/v1/applications/certificates/renewals';

/** A body whose certification request is these bytes. */
function bodyOf(der: Uint8Array): string {
  const pem = encodePem('CERTIFICATE REQUEST', der);
  return JSON.stringify({ csr: Buffer.from(pem).toString('base64') });
}

function nested(depth: number): Buffer {
  let der = Buffer.from([0x05, 0x00]);
  for (let level = 0; level < depth; level += 1) {
    const length = [0x82, der.length >> 8, der.length & 0xff];
    der = Buffer.concat([Buffer.from([0x30, ...length]), der]);
  }
  return der;
}

/** `content` in a SEQUENCE that is its whole length. */
function sequence(content: Buffer): Buffer {
  const length = Buffer.from([0x30, 0x82, content.length >> 8, content.length & 0xff]);
  return Buffer.concat([length, content]);
}

const inBase64 = (text: string): string =>
  JSON.stringify({ csr: Buffer.from(text).toString('base64') });

const hostileBodies: readonly (readonly [string, string])[] = [
  ['open brackets', '['.repeat(limit)],
  ['open objects', '{"a":'.repeat(limit / 5)],
  ['many keys', `{${Array.from({ length: 6_000 }, (_, i) => `"k${String(i)}":1`).join(',')}}`],
  ['an open string', `{"csr":"${'a'.repeat(limit - 9)}`],
  ['backslashes', `{"csr":"${'\\'.repeat(limit - 9)}`],
  ['quotes', '"'.repeat(limit)],
  ['line breaks', `{"csr":"${'\n'.repeat(limit - 10)}"}`],
  ['almost base64', `{"csr":"${'A'.repeat(limit - 11)}="}`],
  ['PEM begin lines', inBase64('-----BEGIN '.repeat(1_400))],
  ['PEM without end', inBase64(`-----BEGIN X-----\n${'\n'.repeat(16_000)}`)],
  ['PEM of dashes', inBase64('-'.repeat(16_000))],
  ['deep DER', bodyOf(nested(2_900))],
  ['wide DER', bodyOf(sequence(Buffer.alloc(11_000, Buffer.from([0x05, 0x00]))))],
  [
    'a long object identifier',
    bodyOf(
      sequence(Buffer.concat([Buffer.from([0x06, 0x82, 0x2a, 0x00]), Buffer.alloc(0x2a00, 0x7f)])),
    ),
  ],
  [
    'a long integer',
    bodyOf(
      sequence(Buffer.concat([Buffer.from([0x02, 0x82, 0x2a, 0x00]), Buffer.alloc(0x2a00, 0x7f)])),
    ),
  ],
];

describe('a hostile body', () => {
  it.each(hostileBodies)('HI-E10: %s is refused in less than 50 ms of computing', (_name, body) => {
    const times = Array.from({ length: 5 }, () => {
      const start = performance.now();
      expect(() => readRequest(readCsrBody(Buffer.from(body)))).toThrow(Failure);
      return performance.now() - start;
    });
    expect(Math.min(...times)).toBeLessThan(50);
  });

  it('HI-E10: never is a 5xx, changes nothing, and the gateway goes on at once', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    for (const [name, body] of hostileBodies) {
      expect(Buffer.byteLength(body)).toBeLessThanOrEqual(limit);
      const answer = await call(gateway, 'post', renewals, holder).send(body);
      expect([name, answer.status]).toEqual([name, 400]);
      expect(answer.body).toMatchObject({ code: 400, requestId: expect.any(String) });
    }
    delay.disable();
    console.info(`event loop blocked for ${String(Math.round(delay.max / 1e6))} ms at most`);
    expect(await countCertificates(gateway)).toEqual({ application: 1, server: 1 });
    await call(gateway, 'get', '/v1/applications/management/info', holder).expect(200);
  });
});
