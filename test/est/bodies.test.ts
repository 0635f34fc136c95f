import { afterEach, describe, expect, it } from '@jest/globals';
import { Agent } from 'node:https';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Response, Test } from 'supertest';
import { encodePem } from '../../src/pki/pem.js';
import { auditEventsOf, lastingRecordOf } from '../hostile/front-door.js';
import {
  certificatesIn,
  estPath,
  expectEstRefusal,
  pkcs10,
  simpleEnroll,
  simpleReenroll,
} from '../support/est.js';
import { createToken, pair, startTestGateway, subjectOf } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { eventsOf, recordedCertificates } from '../support/record.js';
import { makeExtensionRequest, makeKey, makeRequest } from '../support/requests.js';
import { outputOf } from '../support/run.js';
import { openTls, ask, readToEnd, requestText } from '../support/wire.js';

const key = makeKey('prime256v1');
const { der, pem } = makeRequest({ key });
const good = Buffer.from(der).toString('base64');
const remedy = 'Send base64 of DER: openssl req -in FILE -outform DER | openssl base64.';
const noBase64 = ['The request body is not base64.', remedy];

/** Both routes that take a request, with somebody entitled to use each and a token that a refusal leaves good. */
interface Door {
  readonly gateway: TestGateway;
  readonly enrol: (body: string | Buffer) => Test;
  readonly reenrol: (body: string | Buffer) => Test;
}

const agents: Agent[] = [];

afterEach(() => {
  for (const agent of agents.splice(0)) agent.destroy();
});

async function openDoor(): Promise<Door> {
  const gateway = await startTestGateway({ EVERLEAF_TOKEN_TTL: '1d' });
  const holder = await pair(gateway);
  const token = await createToken(gateway, 'app');
  const agent = new Agent({ keepAlive: true });
  agents.push(agent);
  return {
    gateway,
    enrol: (body) => simpleEnroll(gateway, { token }, body).agent(agent),
    reenrol: (body) => simpleReenroll(gateway, holder, body).agent(agent),
  };
}

/** Both routes refuse alike, and nothing but one audit event is changed. */
async function expectRefused(
  { gateway, enrol, reenrol }: Door,
  send: (way: Door['enrol']) => PromiseLike<Response>,
  expected: { status?: number; reason: string; lines: readonly (string | RegExp)[] },
): Promise<void> {
  const { status = 400, reason, lines } = expected;
  for (const [route, way] of [
    ['simpleenroll', enrol],
    ['simplereenroll', reenrol],
  ] as const) {
    gateway.clock.advance(60); // equal refusals within one minute share an audit event
    const before = await lastingRecordOf(gateway);
    const eventsBefore = await auditEventsOf(gateway);
    expectEstRefusal(await send(way), { status, lines });
    expect(await lastingRecordOf(gateway)).toEqual(before);
    const [event, ...more] = (await auditEventsOf(gateway)).slice(eventsBefore.length);
    expect(more).toEqual([]);
    expect(event).toMatchObject({ action: 'request.refused', actor: 'application:app' });
    expect(JSON.parse(event?.detail ?? '')).toMatchObject({
      reason,
      route: `${estPath}/${route}`,
    });
  }
}

describe('the encoding of a request', () => {
  it.each([
    ['in one line', good],
    ['in lines', `${(good.match(/.{1,64}/g) ?? []).join('\n')}\n`],
    ['in lines with CRLF', `${(good.match(/.{1,76}/g) ?? []).join('\r\n')}\r\n`],
    ['with spaces and tabs', ` \t${good.slice(0, 7)} \t \r\n${good.slice(7)}\t `],
  ])('RFC 8951 3.1: is base64 %s', async (_how, body) => {
    const door = await openDoor();
    await door.enrol(body).expect(200);
    await door.reenrol(body).expect(200);
  });

  it.each(['base64', 'binary', '7bit', 'nonsense'])(
    'RFC 8951 1: is what it is, whatever Content-Transfer-Encoding says: %s',
    async (value) => {
      const door = await openDoor();
      await door.reenrol(good).set('Content-Transfer-Encoding', value).expect(200);
    },
  );

  it('HI-E4, HI-E6: that is not base64 is refused', async () => {
    const door = await openDoor();
    const padded = pkcs10({ key, attributes: makeExtensionRequest('1.2.3') });
    for (const body of [
      '',
      ' \r\n\t',
      '=',
      'wrong-csr',
      good.slice(0, -1),
      `${good}=`,
      `${padded}====`,
      `${good}\0`,
      `${good}\v`,
      `${good}.`,
      `-${good.slice(1)}`,
      `_${good.slice(1)}`,
      `csr=${encodeURIComponent(good)}`,
      JSON.stringify({ csr: good }),
      Buffer.from(der),
      Buffer.from([0xff, 0xfe]),
    ]) {
      await expectRefused(door, (way) => way(body), {
        reason: 'base64-malformed',
        lines: noBase64,
      });
    }
    await door.enrol(good).expect(200);
  });

  it('HI-E6: that is PEM is refused with the way to DER, as is base64 of PEM', async () => {
    const door = await openDoor();
    const privateKey = key.export({ format: 'pem', type: 'pkcs8' });
    for (const body of [pem, pem.replaceAll('\n', '\r\n'), `\n${pem}`, privateKey]) {
      await expectRefused(door, (way) => way(body), {
        reason: 'base64-malformed',
        lines: ['The request body is PEM.', remedy],
      });
    }
    await expectRefused(door, (way) => way(Buffer.from(pem).toString('base64')), {
      reason: 'request-malformed',
      lines: ['The request body is base64 of PEM.', remedy],
    });
    expect(JSON.stringify(door.gateway.logs)).not.toContain(String(privateKey).slice(30, 60));
  });

  it('HI-E11: of more than 16 KiB decoded is 413', async () => {
    const door = await openDoor();
    const large = Buffer.alloc(16 * 1024 + 1, 0x30).toString('base64');
    await expectRefused(door, (way) => way(large), {
      status: 413,
      reason: 'request-too-large',
      lines: [/has 16385 bytes: send one of at most 16384/],
    });
  });

  it('HI-H2: of more than 64 KiB is 413, with or without a length, and the connection is closed', async () => {
    const door = await openDoor();
    const large = 'A'.repeat(65_537);
    const lines = ['The request body is larger than 64 KiB.'];
    await expectRefused(door, (way) => way(large), {
      status: 413,
      reason: 'body-too-large',
      lines,
    });
    const holder = await pair(door.gateway, 'other');
    const socket = await openTls(door.gateway, { holder });
    const headers = { 'Content-Type': 'application/pkcs10', 'Transfer-Encoding': 'chunked' };
    const head = requestText('POST', `${estPath}/simplereenroll`, { headers });
    const answer = await ask(socket, `${head}${(65_537).toString(16)}\r\n${large}\r\n0\r\n\r\n`);
    expect(answer.status).toBe(413);
    expect(answer.headers.get('connection')).toBe('close');
    expect(answer.body).toContain(lines[0]);
    expect(await readToEnd(socket)).toBe('');
  });

  it('HI-H5: that is compressed is 415', async () => {
    const door = await openDoor();
    const send = (way: Door['enrol']) => way(gzipSync(good)).set('Content-Encoding', 'gzip');
    await expectRefused(door, send, {
      status: 415,
      reason: 'encoding-unsupported',
      lines: ['Send the request body without compression.'],
    });
  });
});

describe('the content type of a request', () => {
  it.each([
    'application/pkcs10',
    'Application/PKCS10',
    'application/pkcs10; charset=us-ascii',
    'application/pkcs10 ;smime-type=x',
  ])('RFC 9110 8.3.1: may be %s', async (type) => {
    const door = await openDoor();
    await door.reenrol(good).set('Content-Type', type).expect(200);
  });

  it.each([
    'application/x-www-form-urlencoded',
    'application/pkcs7-mime',
    'application/pkcs10x',
    'text/plain; application/pkcs10',
    'application/json',
    'pkcs10',
  ])('RFC 7030 4.2.1: may not be %s, and the answer says what to set', async (type) => {
    const send = (way: Door['enrol']) => way(good).set('Content-Type', type);
    await expectRefused(await openDoor(), send, {
      status: 415,
      reason: 'media-type-unsupported',
      lines: ['The Content-Type is not application/pkcs10.', /^Set it: curl -H/],
    });
  });

  it('RFC 7030 4.2.1: may not be absent', async () => {
    const send = (way: Door['enrol']) => way(Buffer.from(good)).unset('Content-Type');
    await expectRefused(await openDoor(), send, {
      status: 415,
      reason: 'media-type-unsupported',
      lines: ['The Content-Type is not application/pkcs10.', /^Set it: curl -H/],
    });
  });
});

describe('what a request asks for', () => {
  it('HI-N5, HI-N4: a subject that is not the expected one is 400 and says what is expected', async () => {
    const door = await openDoor();
    const other = pkcs10({ key, subject: subjectOf('another') });
    await expectRefused(door, (way) => way(other), {
      reason: 'subject-mismatch',
      lines: ['CSR: Invalid common name provided.', /^Expected CN=app; found: different\.$/],
    });
    await expectRefused(door, (way) => way(pkcs10({ key, subject: '/CN=app' })), {
      reason: 'subject-mismatch',
      lines: [/^CSR: No \w+ provided\.$/, /^Expected \w+=/],
    });
  });

  it("HI-K6, HI-K1, HI-S1: another's key, a short key and a forged signature are 400", async () => {
    const door = await openDoor();
    const other = await pair(door.gateway, 'other');
    await expectRefused(door, (way) => way(pkcs10({ key: other.key })), {
      reason: 'key-in-use',
      lines: [/key/],
    });
    await expectRefused(door, (way) => way(pkcs10({ key: makeKey('rsa-1024') })), {
      reason: 'key-unsupported',
      lines: [/2048/],
    });
    const forged = pkcs10({ key, signature: new Uint8Array(70) });
    await expectRefused(door, (way) => way(forged), {
      reason: 'signature-invalid',
      lines: [/^CSR signature invalid/],
    });
  });

  it('HI-X1: extensions are not granted, and the event lists them', async () => {
    const door = await openDoor();
    const body = pkcs10({ key, attributes: makeExtensionRequest('2.5.29.17', '2.5.29.19') });
    const { text } = await door.reenrol(body).expect(200);
    const [certificate = ''] = await certificatesIn(text);
    const words = ['openssl', 'x509', '-noout', '-ext', 'subjectAltName,basicConstraints'] as const;
    expect(await outputOf(words, { input: certificate })).not.toMatch(/Alternative|CA:TRUE/);
    const [event] = await eventsOf(door.gateway, 'certificate.renewed');
    expect(JSON.parse(event?.detail ?? '')).toMatchObject({
      ignored: ['subjectAltName', 'basicConstraints'],
    });
  });
});

describe('HI-E12: any request', () => {
  it('that is cut at any byte or has any byte flipped is 400', async () => {
    const door = await openDoor();
    const before = await lastingRecordOf(door.gateway);
    const changed = Array.from(der, (byte, at) => {
      const flipped = Buffer.from(der);
      flipped[at] = byte ^ 0xff;
      return [Buffer.from(der.subarray(0, at)), flipped];
    }).flat();
    for (const one of changed) {
      const { status, text } = await door.enrol(one.toString('base64'));
      expect({ status, sent: one.toString('hex') }).toMatchObject({ status: 400 });
      expect(text).toMatch(/\nRequest id: [0-9a-f]{24}\n$/);
    }
    expect(await lastingRecordOf(door.gateway)).toEqual(before);
  });

  it('of random bytes, or with a change in its text, gets 200, 400 or 413 and a certificate only on record', async () => {
    const door = await openDoor();
    const change = fc
      .tuple(fc.nat({ max: good.length }), fc.nat({ max: 4 }), fc.string({ maxLength: 4 }))
      .map(([at, gone, put]) => good.slice(0, at) + put + good.slice(at + gone));
    const bytes = fc.uint8Array({ maxLength: 200 }).map((raw) => Buffer.from(raw));
    const label = fc.constant(encodePem('CERTIFICATE REQUEST', der));
    await fc.assert(
      fc.asyncProperty(fc.oneof(change, bytes, label), async (body) => {
        const { status, text } = await door.reenrol(body);
        expect([200, 400, 413]).toContain(status);
        if (status === 200) expect(await certificatesIn(text)).toHaveLength(1);
        else expect(text).toMatch(/\nRequest id: [0-9a-f]{24}\n$/);
      }),
      { numRuns: 150 },
    );
    // The first one, and at most the one that is unchanged but for white space.
    expect((await recordedCertificates(door.gateway)).length).toBeLessThanOrEqual(2);
  });
});
