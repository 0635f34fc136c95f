import { describe, expect, it } from '@jest/globals';
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { call, createToken, csrBody, pair, renew } from '../support/gateway.js';
import { startTestGateway, subjectOf, temporaryHome } from '../support/gateway.js';
import { makeKey, makeRequest } from '../support/requests.js';
import { outputOf } from '../support/run.js';
import { bodyOf, expectRefusal, expectRefusalOf, expectRenewal } from './front-door.js';
import { openFrontDoor } from './front-door.js';
import type { FrontDoor } from './front-door.js';

const renewals = '/v1/applications/certificates/renewals';
const inUse = {
  reason: 'key-in-use',
  error: 'This key cannot be used here: make a new key and request again.',
  level: 'warning',
} as const;

describe('HI-K5: a key of the own line', () => {
  const expectReused = async (door: FrontDoor, sent: string, body: string): Promise<void> => {
    const send = () => door.renew(body);
    await expectRefusalOf(
      door,
      { sent, route: renewals, send },
      {
        reason: 'key-reused',
        error: 'A renewal needs a new key here: this one was certified before.',
      },
    );
  };

  it('is accepted by default, on both routes', async () => {
    const door = await openFrontDoor();
    const body = bodyOf(makeRequest({ key: door.holder.key }).pem);
    await expectRenewal(door, body);
    expect((await door.enrol(body)).status).toBe(201);
  });

  it('is refused under EVERLEAF_KEY_REUSE=refuse, and a new one accepted', async () => {
    const door = await openFrontDoor({ EVERLEAF_KEY_REUSE: 'refuse' });
    const [first, second] = [makeKey('prime256v1'), makeKey('ed25519')];
    await expectReused(door, 'presented', bodyOf(makeRequest({ key: door.holder.key }).pem));
    await expectRenewal(door, bodyOf(makeRequest({ key: first }).pem));
    await expectReused(
      door,
      'successor',
      bodyOf(makeRequest({ key: first, digest: 'sha384' }).pem),
    );
    await expectRenewal(door, bodyOf(makeRequest({ key: second }).pem));
    await expectReused(door, 'presented', bodyOf(makeRequest({ key: door.holder.key }).pem));
  });

  it('under EVERLEAF_KEY_REUSE=refuse is certified once when asked for twice at once', async () => {
    const door = await openFrontDoor({ EVERLEAF_KEY_REUSE: 'refuse' });
    const key = makeKey('prime256v1');
    const answers = await Promise.all(
      ['sha256', 'sha384', 'sha512', 'sha256'].map((digest) =>
        door.renew(bodyOf(makeRequest({ key, digest }).pem)),
      ),
    );
    const reasons = answers
      .map(({ status, body }) => (status === 201 ? 'granted' : String(body.reason)))
      .sort();
    expect(reasons).toEqual(['granted', 'key-reused', 'key-reused', 'key-reused']);
  });

  it('under EVERLEAF_KEY_REUSE=refuse the same request gets the same answer', async () => {
    const door = await openFrontDoor({ EVERLEAF_KEY_REUSE: 'refuse' });
    const body = bodyOf(makeRequest({ key: makeKey('prime256v1') }).pem);
    expect(await expectRenewal(door, body)).toBe(await expectRenewal(door, body));
  });
});

describe('HI-K6: a key that is not free', () => {
  it('of another application is refused, and its owner is not disturbed', async () => {
    const door = await openFrontDoor();
    const other = await pair(door.gateway, 'other');
    await expectRefusal(door, bodyOf(makeRequest({ key: other.key }).pem), inUse);
    expect((await renew(door.gateway, other)).status).toBe(201);
  });

  it('of another application stays its own when all its certificates have expired', async () => {
    const door = await openFrontDoor({ EVERLEAF_CLIENT_VALIDITY: '1h' });
    const other = await pair(door.gateway, 'other');
    door.gateway.clock.advance(3000);
    const body = bodyOf(makeRequest({ key: makeKey('prime256v1') }).pem);
    await expectRenewal(door, body);
    door.gateway.clock.advance(601 + 60);
    const enrolled = await door.enrol(bodyOf(makeRequest({ key: other.key }).pem));
    expect(enrolled.body).toMatchObject({ code: 400, reason: 'key-in-use' });
  });

  it.each(['its own certificate', 'a certificate further up the line'])(
    'because it was compromised with %s is refused',
    async (which) => {
      const door = await openFrontDoor();
      const { gateway, holder } = door;
      const lost = await pair(gateway, 'app');
      const key = which === 'its own certificate' ? lost.key : makeKey('prime256v1');
      if (key !== lost.key) expect((await renew(gateway, lost, { key })).status).toBe(201);
      await call(gateway, 'post', '/v1/applications/certificates/revocations', lost)
        .send({ reason: 'keyCompromise' })
        .expect(201);
      await expectRefusal(door, bodyOf(makeRequest({ key }).pem), inUse);
      await expectRenewal(door, bodyOf(makeRequest({ key: holder.key }).pem));
    },
  );

  it('and was given up for another reason is accepted: it is no secret that others know', async () => {
    const door = await openFrontDoor();
    const old = await pair(door.gateway, 'app');
    await call(door.gateway, 'post', '/v1/applications/certificates/revocations', old)
      .send({ reason: 'superseded' })
      .expect(201);
    await expectRenewal(door, bodyOf(makeRequest({ key: old.key }).pem));
  });

  it("because it is the authority's own is refused", async () => {
    const folder = temporaryHome();
    const [keyFile, certFile] = [join(folder, 'ca.key'), join(folder, 'ca.crt')];
    const words = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=CA'];
    const usage = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
    await outputOf(['openssl', 'req', ...words, ...usage, '-keyout', keyFile, '-out', certFile]);
    const door = await openFrontDoor({
      EVERLEAF_CA_CERT_FILE: certFile,
      EVERLEAF_CA_KEY_FILE: keyFile,
    });
    const key = createPrivateKey(readFileSync(keyFile));
    await expectRefusal(door, bodyOf(makeRequest({ key }).pem), inUse);
  });

  it('because two applications ask with it at once goes to one of them', async () => {
    const gateway = await startTestGateway();
    const key = makeKey('prime256v1');
    const applications = ['one', 'two', 'three', 'four'];
    const tokens = await Promise.all(applications.map((name) => createToken(gateway, name)));
    const answers = await Promise.all(
      applications.map((name, index) =>
        call(gateway, 'post', `/v1/applications/certificates?token=${tokens[index] ?? ''}`).send(
          csrBody({ key, subject: subjectOf(name) }),
        ),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400, 400, 400]);
    const tokensUsed = await gateway.database.db
      .selectFrom('enrolment_tokens')
      .select('id')
      .where('used_at', 'is not', null)
      .execute();
    expect(tokensUsed).toHaveLength(1);
  });
});
