import { describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { certificatesIn, estPath, expectEstRefusal, pkcs10, simpleEnroll } from '../support/est.js';
import {
  call,
  createToken,
  csrBody,
  pair,
  startTestGateway,
  subjectOf,
} from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { eventsOf, recordedCertificates } from '../support/record.js';
import { refusals } from '../support/refusals.js';
import { makeKey } from '../support/requests.js';

const key = makeKey('prime256v1');
const path = `${estPath}/simpleenroll`;
const csr = pkcs10({ key });
const howToSend =
  'Send it by HTTP Basic, the application as user name and the token as password: curl --user NAME:TOKEN.';

function refusedToken(detail: string | RegExp) {
  return { status: 401, lines: ['Invalid token.', detail] };
}

function sendWith(gateway: TestGateway, authorization: string) {
  return call(gateway, 'post', path)
    .set('Authorization', authorization)
    .set('Content-Type', 'application/pkcs10')
    .send(csr);
}

function basic(text: string | Buffer): string {
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

describe('simpleenroll', () => {
  it.each([
    ['EC', 'prime256v1'],
    ['RSA', 'rsa-2048'],
    ['Ed25519', 'ed25519'],
  ] as const)('RFC 7030 4.2.3: gives the certificate alone: %s', async (_name, type) => {
    const gateway = await startTestGateway();
    const token = await createToken(gateway, 'app');
    const body = pkcs10({ key: makeKey(type) });
    const { text, headers } = await simpleEnroll(gateway, { token }, body).expect(200);

    expect(headers['content-type']).toBe('application/pkcs7-mime; smime-type=certs-only');
    const [certificate = '', ...more] = await certificatesIn(text);
    expect(more).toEqual([]);
    const [row] = await recordedCertificates(gateway);
    expect(row?.der).toBe(new X509Certificate(certificate).raw.toString('base64'));
  });

  it('leaves the same record and the same event as an enrolment by JSON', async () => {
    const gateway = await startTestGateway();
    const [one, other] = [await createToken(gateway, 'app'), await createToken(gateway, 'app')];
    await simpleEnroll(gateway, { token: one }, pkcs10({ key: makeKey('ed25519') })).expect(200);
    await call(gateway, 'post', `/v1/applications/certificates?token=${other}`)
      .send(csrBody({ key: makeKey('ed25519') }))
      .expect(201);

    const same = ['kind', 'holder', 'subject', 'not_before', 'not_after', 'predecessor'] as const;
    const [byEst, byJson] = (await recordedCertificates(gateway)).map((row) =>
      same.map((name) => row[name]),
    );
    expect(byEst).toEqual(byJson);
    const events = await eventsOf(gateway, 'certificate.enrolled');
    expect(events.map(({ level, actor, holder }) => [level, actor, holder])).toEqual(
      Array(2).fill(['info', 'application:app', 'app']),
    );
    const details = events.map(({ detail }) => JSON.parse(detail) as object);
    expect(details).toEqual(Array(2).fill({ token: expect.any(String), ignored: [] }));
  });

  it.each(['my app', 'b\u00fccherei', '(tricky) $name'])(
    'RFC 7617 2.1: takes the user name in UTF-8: %s',
    async (name) => {
      const gateway = await startTestGateway();
      // A header carries bytes, and node writes each character as one.
      const token = await createToken(gateway, Buffer.from(name).toString('latin1'));
      const body = pkcs10({ key, subject: subjectOf(name) });
      await call(gateway, 'post', path)
        .set('Authorization', basic(`${name}:${token}`))
        .set('Content-Type', 'application/pkcs10')
        .send(body)
        .expect(200);
    },
  );
});

describe('the credentials of simpleenroll', () => {
  it.each([
    ['absent', undefined],
    ['Bearer', 'Bearer TOKEN'],
    ['Basic without a value', 'Basic'],
    ['Basic with what is no base64', 'Basic @@@@'],
    ['Basic with base64url and no padding', `Basic ${Buffer.from('a:b?>').toString('base64url')}`],
    ['Basic with two values', `${basic('app:x')} ${basic('app:x')}`],
    ['a user name alone', basic('app')],
    ['an empty password', basic('app:')],
    ['not UTF-8', basic(Buffer.from([0x61, 0x3a, 0xff, 0xfe]))],
  ])('RFC 7030 3.2.3: are asked for where they are %s', async (_what, authorization) => {
    const gateway = await startTestGateway();
    const answer =
      authorization === undefined
        ? await call(gateway, 'post', path).set('Content-Type', 'application/pkcs10').send(csr)
        : await sendWith(gateway, authorization);
    expectEstRefusal(answer, { status: 401, lines: ['Token not provided.', howToSend] });
  });

  it('are taken by any spelling of the scheme', async () => {
    const gateway = await startTestGateway();
    const token = await createToken(gateway, 'app');
    const letters = Buffer.from(`app:${token}`).toString('base64');
    await sendWith(gateway, `bAsIc  ${letters}`).expect(200);
  });

  it.each([
    ['never issued', () => 'A'.repeat(88)],
    ['in other letter case', (token: string) => token.toLowerCase()],
    ['cut', (token: string) => token.slice(0, -1)],
    ['with more behind', (token: string) => `${token}=`],
    ['with a colon before', (token: string) => `:${token}`],
    ['of 8 KB', () => 'A'.repeat(8192)],
  ])('CS-2: are refused with a token %s', async (_what, write) => {
    const gateway = await startTestGateway();
    const token = await createToken(gateway, 'app');
    expectEstRefusal(
      await simpleEnroll(gateway, { token: write(token) }, csr),
      refusedToken(/never issued here/),
    );
    await simpleEnroll(gateway, { token }, csr).expect(200);
  });

  it.each(['another', 'App', 'app ', '', 'ap'])(
    'are refused with the name of another application, and the token stays good: "%s"',
    async (name) => {
      const gateway = await startTestGateway();
      const token = await createToken(gateway, 'app');
      expectEstRefusal(
        await simpleEnroll(gateway, { name, token }, csr),
        refusedToken('The user name must be the application that the token was made for.'),
      );
      expect(await refusals(gateway)).toEqual([['warning', 'address:127.0.0.1', 'token-unknown']]);
      await simpleEnroll(gateway, { token }, csr).expect(200);
    },
  );

  it('CS-2: are good once, also across the two ways', async () => {
    const gateway = await startTestGateway();
    const byJson = (token: string) =>
      call(gateway, 'post', `/v1/applications/certificates?token=${token}`).send(csrBody({ key }));
    const [one, other] = [await createToken(gateway, 'app'), await createToken(gateway, 'app')];
    await simpleEnroll(gateway, { token: one }, csr).expect(200);
    expectEstRefusal(
      await simpleEnroll(gateway, { token: one }, csr),
      refusedToken(/has been used/),
    );
    await byJson(one).expect(403);
    await byJson(other).expect(201);
    expectEstRefusal(
      await simpleEnroll(gateway, { token: other }, csr),
      refusedToken(/has been used/),
    );
  });

  it('CS-2: are good to the last second of the token and expired in the next', async () => {
    const gateway = await startTestGateway();
    const [one, other] = [await createToken(gateway, 'app'), await createToken(gateway, 'app')];
    gateway.clock.advance(300);
    await simpleEnroll(gateway, { token: one }, csr).expect(200);
    gateway.clock.advance(1);
    expectEstRefusal(
      await simpleEnroll(gateway, { token: other }, csr),
      refusedToken(/has expired/),
    );
  });

  it('may be a token of recovery', async () => {
    const gateway = await startTestGateway();
    const token = await createToken(gateway, 'app');
    await gateway.database.db.updateTable('enrolment_tokens').set({ purpose: 'recover' }).execute();
    await simpleEnroll(gateway, { token }, csr).expect(200);
  });

  it('are refused with the token out of the info document, which is for JSON alone', async () => {
    const gateway = await startTestGateway();
    const first = await createToken(gateway, 'app');
    const info = `/v1/applications/signingRequests/info?token=${first}`;
    const { body } = await call(gateway, 'get', info).expect(200);
    const token = new URL(String(body.csrUrl)).searchParams.get('token') ?? '';
    expectEstRefusal(
      await simpleEnroll(gateway, { token }, csr),
      refusedToken(/is for another step/),
    );
    await call(gateway, 'post', `/v1/applications/certificates?token=${token}`)
      .send(csrBody({ key }))
      .expect(201);
  });

  it('are needed though a certificate is presented', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const answer = await call(gateway, 'post', path, holder)
      .set('Content-Type', 'application/pkcs10')
      .send(csr);
    expectEstRefusal(answer, { status: 401, lines: ['Token not provided.', howToSend] });
  });

  it('stand in no log line', async () => {
    const gateway = await startTestGateway();
    const token = await createToken(gateway, 'app');
    await simpleEnroll(gateway, { name: 'another', token }, csr).expect(401);
    await simpleEnroll(gateway, { token }, csr).expect(200);
    const logged = JSON.stringify(gateway.logs);
    expect(logged).not.toContain(token);
    expect(logged).not.toContain(Buffer.from(`app:${token}`).toString('base64'));
  });
});
