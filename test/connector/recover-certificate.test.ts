import { describe, expect, it } from '@jest/globals';
import {
  call,
  csrBody,
  holderFrom,
  pair,
  renew,
  startTestGateway,
  subjectOf,
} from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { eventsOf, recordedCertificates, successorsOf } from '../support/record.js';
import { lapse, recover, recoverToken } from '../support/recover.js';
import { makeKey } from '../support/requests.js';
import { askInfo, certificatesPath, expectFailure, managementPath } from './shape.js';

const startForAnHour = (settings: Readonly<Record<string, string>> = {}) =>
  startTestGateway({ EVERLEAF_CLIENT_VALIDITY: '1h', ...settings });

const secondToken = async (gateway: TestGateway, token: string): Promise<string> =>
  String((await askInfo(gateway, token)).body.csrUrl).slice(-88);

describe('a lapsed certificate', () => {
  it('CS-0: comes back by a token for it, straight at the certificates, on the same line', async () => {
    const gateway = await startForAnHour();
    const first = await pair(gateway);
    const key = makeKey('prime256v1');
    const lapsed = holderFrom((await renew(gateway, first, { key })).body, {
      application: 'app',
      key,
    });
    lapse(gateway);
    const token = await recoverToken(gateway, lapsed.sha256);
    const { body } = await recover(gateway, lapsed, token, { key }).expect(201);
    const back = holderFrom(body, { application: 'app', key });
    await call(gateway, 'get', managementPath, back).expect(200);
    await call(gateway, 'get', managementPath, lapsed).expect(403);
    const [before] = await successorsOf(gateway, first.sha256);
    const [after] = await successorsOf(gateway, lapsed.sha256);
    expect(after).toMatchObject({
      sha256: back.sha256,
      kind: 'application',
      holder: 'app',
      line: first.sha256,
      subject: before?.subject,
      revoked_at: null,
    });
    const [{ id: tokenId } = { id: '' }] = await gateway.database.db
      .selectFrom('enrolment_tokens')
      .select('id')
      .where('purpose', '=', 'recover')
      .execute();
    expect(await eventsOf(gateway, 'certificate.recovered')).toEqual([
      expect.objectContaining({
        level: 'info',
        actor: 'application:app',
        holder: 'app',
        certificate: back.sha256,
        detail: JSON.stringify({ token: tokenId, predecessor: lapsed.sha256, ignored: [] }),
      }),
    ]);
    await renew(gateway, back).expect(201);
  });

  it('CS-2, CS-7: comes back in two steps under the subject that it had', async () => {
    const gateway = await startForAnHour();
    const lapsed = await pair(gateway);
    const changed = await gateway.restart({ EVERLEAF_SUBJECT_O: 'Another' });
    lapse(changed);
    const token = await recoverToken(changed, 'app');
    const info = await askInfo(changed, token);
    expect(info.body.certificate.subject).toBe(
      'O=Organization,OU=OrgUnit,L=Waldorf,ST=Waldorf,C=DE,CN=app',
    );
    const second = String(info.body.csrUrl).slice(-88);
    expectFailure(await askInfo(changed, second), {
      status: 403,
      reason: 'token-unknown',
      error: 'Invalid token.',
      detail: /another step/,
    });
    const wrong = subjectOf('app').replace('Organization', 'Another');
    const refused = await recover(changed, lapsed, second, { subject: wrong });
    expect(refused.body).toMatchObject({ code: 400, error: 'CSR: Invalid organization provided.' });
    await recover(changed, lapsed, second).expect(201);
    expect(await successorsOf(changed, lapsed.sha256)).toHaveLength(1);
    for (const used of [token, second]) {
      const { body } = await recover(changed, lapsed, used).expect(403);
      expect(body).toMatchObject({ error: 'Invalid token.', reason: 'token-used' });
    }
  });

  it('CS-2: a failed attempt of any kind leaves the token good', async () => {
    const gateway = await startForAnHour();
    const [lapsed, other] = [await pair(gateway), await pair(gateway, 'other')];
    lapse(gateway);
    const token = await recoverToken(gateway, 'app');
    const path = `${certificatesPath}?token=${token}`;
    for (const body of [
      '',
      '{"csr":"%"}',
      csrBody({ key: makeKey('secp256k1'), subject: subjectOf('app') }),
      csrBody({ key: lapsed.key, subject: subjectOf('other') }),
      csrBody({ key: other.key, subject: subjectOf('app') }),
    ]) {
      await call(gateway, 'post', path).send(body).expect(400);
    }
    expect(await recordedCertificates(gateway)).toHaveLength(2);
    await call(gateway, 'post', path)
      .send(csrBody({ key: lapsed.key, subject: subjectOf('app') }))
      .expect(201);
  });

  it('HI-C7: comes back, too, where it is its authority that ended', async () => {
    const gateway = await startForAnHour();
    const stranded = await pair(gateway);
    const { db } = gateway.database;
    const active = await db.selectFrom('authorities').selectAll().executeTakeFirstOrThrow();
    const retired = { ...active, id: 'a'.repeat(16), state: 'retired' } as const;
    await db.insertInto('authorities').values(retired).execute();
    await db
      .updateTable('certificates')
      .set({ authority_id: retired.id })
      .where('sha256', '=', stranded.sha256)
      .execute();
    const { body } = await call(gateway, 'get', managementPath, stranded).expect(403);
    expect(body.reason).toBe('authority-retired');
    const [, name = ''] = /--recover (\w{16})$/.exec(body.detail) ?? [];
    await recover(gateway, stranded, await recoverToken(gateway, name)).expect(201);
  });

  it('CS-0: is told no command where it was revoked, too', async () => {
    const gateway = await startForAnHour();
    const holder = await pair(gateway);
    const path = '/v1/applications/certificates/revocations';
    await call(gateway, 'post', path, holder).expect(201);
    lapse(gateway);
    const { body } = await call(gateway, 'get', managementPath, holder).expect(403);
    expect(body.reason).toBe('certificate-expired');
    expect(body.detail).not.toContain('--recover');
  });

  it('CS-2: does not come back by a token that has expired', async () => {
    const gateway = await startForAnHour();
    const lapsed = await pair(gateway);
    lapse(gateway);
    const token = await recoverToken(gateway, 'app');
    gateway.clock.advance(301);
    const { body } = await recover(gateway, lapsed, token).expect(403);
    expect(body).toMatchObject({ error: 'Invalid token.', reason: 'token-expired' });
  });

  it('HI-R3: does not come back once it is revoked, in either step', async () => {
    const gateway = await startForAnHour();
    const lapsed = await pair(gateway);
    lapse(gateway);
    const tokens = [await recoverToken(gateway, 'app'), await recoverToken(gateway, 'app')];
    const second = await secondToken(gateway, tokens[0] ?? '');
    await gateway.database.db
      .updateTable('certificates')
      .set({ revoked_at: gateway.clock.now(), revocation_reason: 'superseded' })
      .where('sha256', '=', lapsed.sha256)
      .execute();
    const expected = {
      status: 403,
      reason: 'certificate-revoked',
      error: 'Certificate has been revoked.',
      detail: /plain token/,
    } as const;
    expectFailure(await askInfo(gateway, tokens[1] ?? ''), expected);
    expectFailure(await recover(gateway, lapsed, tokens[1] ?? ''), expected);
    expectFailure(await recover(gateway, lapsed, second), expected);
    expect(await successorsOf(gateway, lapsed.sha256)).toEqual([]);
  });
});

describe('the key of a recovered certificate', () => {
  it('HI-K5: may be the old one, but not with EVERLEAF_KEY_REUSE=refuse', async () => {
    const gateway = await startForAnHour({ EVERLEAF_KEY_REUSE: 'refuse' });
    const lapsed = await pair(gateway);
    lapse(gateway);
    const token = await recoverToken(gateway, 'app');
    const { body } = await recover(gateway, lapsed, token, { key: lapsed.key }).expect(400);
    expect(body.reason).toBe('key-reused');
    await recover(gateway, lapsed, token).expect(201);
  });

  it('HI-K6: is a new one where a key of the line was compromised, and the refusal says so', async () => {
    const gateway = await startForAnHour();
    const root = await pair(gateway);
    const [stolenKey, ownKey] = [makeKey('prime256v1'), makeKey('prime256v1')];
    const { body } = await renew(gateway, root, { key: stolenKey }).expect(201);
    const stolen = holderFrom(body, { application: 'app', key: stolenKey });
    gateway.clock.advance(1);
    await renew(gateway, root, { key: ownKey }).expect(201);
    await call(gateway, 'post', '/v1/applications/certificates/revocations', stolen)
      .send('{"reason":"keyCompromise"}')
      .expect(201);
    lapse(gateway);
    const token = await recoverToken(gateway, 'app');
    expectFailure(await recover(gateway, root, token, { key: ownKey }), {
      status: 400,
      reason: 'key-reused',
      error: 'A new key is needed: a key of this line of certificates was compromised.',
      detail: /Make a new key/,
    });
    const { body: barred } = await recover(gateway, root, token, { key: stolenKey }).expect(400);
    expect(barred.reason).toBe('key-in-use');
    await recover(gateway, root, token).expect(201);
  });
});

describe('two tokens for one lapsed line', () => {
  it('CS-2: give one certificate: the other is told to renew that', async () => {
    const gateway = await startForAnHour();
    const lapsed = await pair(gateway);
    lapse(gateway);
    const [one, other, third] = [
      await recoverToken(gateway, 'app'),
      await recoverToken(gateway, lapsed.sha256),
      await recoverToken(gateway, 'app'),
    ];
    const second = await secondToken(gateway, other);
    const key = makeKey('prime256v1');
    const { body } = await recover(gateway, lapsed, one, { key }).expect(201);
    const told = {
      status: 403,
      reason: 'token-used',
      error: 'Invalid token.',
      detail: /renew the certificate that it gave/,
    } as const;
    expectFailure(await recover(gateway, lapsed, second), told);
    expectFailure(await recover(gateway, lapsed, third), told);
    const back = holderFrom(body, { application: 'app', key });
    await call(gateway, 'post', '/v1/applications/certificates/revocations', back).expect(201);
    expectFailure(await recover(gateway, lapsed, third), told);
    expect(await successorsOf(gateway, lapsed.sha256)).toHaveLength(1);
  });
});
