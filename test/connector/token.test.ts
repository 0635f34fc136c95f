import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import {
  call,
  callAdmin,
  createToken,
  csrBody,
  pair,
  startTestGateway,
  subjectOf,
} from '../support/gateway.js';
import { eventsOf, recordedCertificates } from '../support/record.js';
import { makeKey } from '../support/requests.js';
import { askInfo, certificatesPath, enrol, expectFailure, infoPath, tokensPath } from './shape.js';

const nextToken = (csrUrl: unknown): string => String(csrUrl).replace(/^.*\?token=/, '');

const refusedToken = (reason: 'token-unknown' | 'token-used' | 'token-expired', why: RegExp) => ({
  status: 403,
  reason,
  error: 'Invalid token.',
  detail: why,
});

describe('a token', () => {
  it('CS-1.4, CS-2: is 88 characters of base64url with its padding, raw in the URL', async () => {
    const gateway = await startTestGateway();
    const { body } = await callAdmin(gateway, 'post', tokensPath).set('Application', 'app');
    expect(body.token).toMatch(/^[A-Za-z0-9_-]{86}==$/);
    expect(Buffer.from(body.token, 'base64url')).toHaveLength(64);
    expect(body.url).toBe(`${gateway.urls.gateway}${infoPath}?token=${String(body.token)}`);
    expect(body.expiresAt).toBe(new Date((gateway.clock.now() + 300) * 1000).toISOString());
    expect(Object.keys(body)).toEqual(['url', 'token', 'expiresAt', 'caSha256']);
    expect(body.caSha256).toBe(gateway.caSha256);
  });

  it('CS-2: is stored as a hash, and its text is in no row and no log', async () => {
    const gateway = await startTestGateway();
    const token = await createToken(gateway, 'app');
    const second = nextToken((await askInfo(gateway, token)).body.csrUrl);
    await enrol(gateway, second);
    const { db } = gateway.database;
    const rows = await db.selectFrom('enrolment_tokens').selectAll().execute();
    const hashes = [token, second].map((one) => createHash('sha256').update(one).digest('hex'));
    expect(rows.map((row) => row.token_sha256).sort()).toEqual(hashes.sort());
    const events = await db.selectFrom('audit_events').selectAll().execute();
    const everything = JSON.stringify([rows, events, gateway.logs]);
    for (const one of [token, second]) {
      expect(everything).not.toContain(one.slice(0, 20));
    }
  });

  it.each([
    ['raw', (token: string) => token],
    ['as %3D', (token: string) => encodeURIComponent(token)],
    ['with one of each', (token: string) => token.replace(/=$/, '%3d')],
  ])('CS-2: is taken with its padding %s, on both routes', async (_form, write) => {
    const gateway = await startTestGateway();
    const info = await askInfo(gateway, write(await createToken(gateway, 'app')));
    expect(info.status).toBe(200);
    expect((await enrol(gateway, write(nextToken(info.body.csrUrl)))).status).toBe(201);
  });

  it.each([
    ['without its padding', (token: string) => token.slice(0, -2)],
    [
      'with a letter changed',
      (token: string) => (token.startsWith('A') ? 'B' : 'A') + token.slice(1),
    ],
    ['in other letter case', (token: string) => token.toLowerCase()],
    ['with a space behind', (token: string) => `${token}+`],
    ['with a NUL behind', (token: string) => `${token}%00`],
    ['of 8 KB', () => 'A'.repeat(8192)],
  ])('CS-2: is unknown %s', async (_form, write) => {
    const gateway = await startTestGateway();
    const token = await createToken(gateway, 'app');
    const answer = await askInfo(gateway, write(token));
    expectFailure(answer, refusedToken('token-unknown', /never issued here/));
    expect((await askInfo(gateway, token)).status).toBe(200);
  });

  it.each([
    ['absent', ''],
    ['empty', '?token='],
    ['without a value', '?token'],
    ['under another name', '?Token=abc'],
    ['twice', '?token=a&token=b'],
    ['an array', '?token[]=abc'],
  ])('CS-1.7: is asked for where it is %s', async (_form, query) => {
    const gateway = await startTestGateway();
    const expected = {
      status: 403,
      reason: 'token-missing',
      error: 'Token not provided.',
    } as const;
    expectFailure(await call(gateway, 'get', infoPath + query), expected);
    expectFailure(await call(gateway, 'post', certificatesPath + query).send('{}'), expected);
  });

  it('CS-2, CS-1.7: is good to its last second and expired in the next', async () => {
    const gateway = await startTestGateway();
    const [one, other] = [await createToken(gateway, 'app'), await createToken(gateway, 'app')];
    gateway.clock.advance(300);
    expect((await askInfo(gateway, one)).status).toBe(200);
    gateway.clock.advance(1);
    expectFailure(await askInfo(gateway, other), refusedToken('token-expired', /has expired/));
    expectFailure(await enrol(gateway, other), refusedToken('token-expired', /new one/));
    expect(await recordedCertificates(gateway)).toHaveLength(0);
  });

  it('CS-1.10: lives as long as EVERLEAF_TOKEN_TTL says, the one of the second step too', async () => {
    const gateway = await startTestGateway({ EVERLEAF_TOKEN_TTL: '30s' });
    const first = await createToken(gateway, 'app');
    gateway.clock.advance(30);
    const second = nextToken((await askInfo(gateway, first)).body.csrUrl);
    gateway.clock.advance(31);
    expectFailure(await enrol(gateway, second), refusedToken('token-expired', /has expired/));
  });

  it('CS-0: survives a restart', async () => {
    const gateway = await startTestGateway();
    const token = await createToken(gateway, 'app');
    const again = await gateway.restart();
    expect((await enrol(again, token)).status).toBe(201);
  });
});

describe('single use', () => {
  it('CS-2: a token that opened the info document is used, on both routes', async () => {
    const gateway = await startTestGateway();
    const token = await createToken(gateway, 'app');
    await askInfo(gateway, token);
    expectFailure(await askInfo(gateway, token), refusedToken('token-used', /has been used/));
    expectFailure(await enrol(gateway, token), refusedToken('token-used', /has been used/));
    expect(await eventsOf(gateway, 'token.exchanged')).toHaveLength(1);
  });

  it('CS-2: a token that gave a certificate is used, on both routes', async () => {
    const gateway = await startTestGateway();
    const token = await createToken(gateway, 'app');
    expect((await enrol(gateway, token)).status).toBe(201);
    expectFailure(await enrol(gateway, token), refusedToken('token-used', /has been used/));
    expectFailure(await askInfo(gateway, token), refusedToken('token-used', /has been used/));
    expect(await recordedCertificates(gateway)).toHaveLength(1);
  });

  it('CS-2: a failed attempt of any kind leaves it good', async () => {
    const gateway = await startTestGateway();
    const foreign = await pair(gateway, 'other');
    const token = await createToken(gateway, 'app');
    const key = makeKey('prime256v1');
    for (const body of [
      '',
      '{',
      '{"csr":"%"}',
      csrBody({ key: makeKey('secp256k1'), subject: subjectOf('app') }),
      csrBody({ key, subject: subjectOf('other') }),
      csrBody({ key, subject: subjectOf('app'), signature: new Uint8Array(64) }),
      csrBody({ key: foreign.key, subject: subjectOf('app') }),
    ]) {
      expect((await enrol(gateway, token, body)).status).toBe(400);
    }
    expect(await recordedCertificates(gateway)).toHaveLength(1);
    expect((await enrol(gateway, token)).status).toBe(201);
  });

  it('CS-2: the token of the second step is of no use at the first, and stays good', async () => {
    const gateway = await startTestGateway();
    const first = await createToken(gateway, 'app');
    const second = nextToken((await askInfo(gateway, first)).body.csrUrl);
    expect(second).toMatch(/^[A-Za-z0-9_-]{86}==$/);
    expect(second).not.toBe(first);
    expectFailure(await askInfo(gateway, second), refusedToken('token-unknown', /another step/));
    expect((await enrol(gateway, second)).status).toBe(201);
  });
});
