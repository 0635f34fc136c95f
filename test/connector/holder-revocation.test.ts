import { describe, expect, it } from '@jest/globals';
import { call, holderFrom, pair, renew, startTestGateway } from '../support/gateway.js';
import type { Holder, TestGateway } from '../support/gateway.js';
import { eventsOf, recordedCertificates } from '../support/record.js';
import { makeKey } from '../support/requests.js';
import { expectFailure, managementPath, renewalsPath, revocationsPath } from './shape.js';

const revoke = (gateway: TestGateway, holder: Holder, body = '') =>
  call(gateway, 'post', revocationsPath, holder).send(body);

async function recordOf(gateway: TestGateway, holder: Holder) {
  const all = await recordedCertificates(gateway);
  return all.find(({ sha256 }) => sha256 === holder.sha256);
}

const revoked = {
  status: 403,
  reason: 'certificate-revoked',
  error: 'Certificate has been revoked.',
  detail: /new token/,
} as const;

describe('revocation by the holder', () => {
  it('CS-5: answers 201, is on record and audited, and 201 again without another change', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    await revoke(gateway, holder).expect(201);
    const first = await recordOf(gateway, holder);
    expect(first).toMatchObject({
      revoked_at: gateway.clock.now(),
      revocation_reason: 'unspecified',
    });
    gateway.clock.advance(60);
    await revoke(gateway, holder).expect(201);
    expect(await recordOf(gateway, holder)).toEqual(first);
    expect(await eventsOf(gateway, 'certificate.revoked')).toEqual([
      expect.objectContaining({
        actor: 'application:app',
        holder: 'app',
        certificate: holder.sha256,
        detail: JSON.stringify({ reason: 'unspecified', descendants: 0 }),
      }),
    ]);
  });

  it('CS-0: every other route then answers 403, before it reads the body', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    await revoke(gateway, holder).expect(201);
    expectFailure(await call(gateway, 'get', managementPath, holder), revoked);
    expectFailure(await renew(gateway, holder), revoked);
    expectFailure(await call(gateway, 'post', renewalsPath, holder).send('{'), revoked);
    expect(await recordedCertificates(gateway)).toHaveLength(1);
  });

  it('CS-0, CS-5: expired and revoked is expired: 403 everywhere', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    await revoke(gateway, holder).expect(201);
    gateway.clock.advance(93 * 86_400);
    const { not_after: notAfter } = (await recordOf(gateway, holder)) ?? { not_after: 0 };
    for (const answer of [
      await revoke(gateway, holder),
      await call(gateway, 'get', managementPath, holder),
      await renew(gateway, holder),
    ]) {
      expectFailure(answer, {
        status: 403,
        reason: 'certificate-expired',
        error: `The certificate expired on ${new Date(notAfter * 1000).toISOString()}.`,
        detail: /new token/,
      });
    }
  });

  it('CS-0: an expired certificate revokes nothing', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    gateway.clock.advance(93 * 86_400);
    expect((await revoke(gateway, holder)).status).toBe(403);
    expect(await recordOf(gateway, holder)).toMatchObject({ revoked_at: null });
  });

  it.each([
    ['{"reason":"superseded"}', 'superseded'],
    ['{"REASON":"cessationOfOperation"}', 'cessationOfOperation'],
    ['{"reason":null}', 'unspecified'],
    ['{}', 'unspecified'],
    ['null', 'unspecified'],
    ['{"comment":"laptop sold"}', 'unspecified'],
  ])('CS-5: takes the body %s as %s', async (body, reason) => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    await revoke(gateway, holder, body).expect(201);
    expect(await recordOf(gateway, holder)).toMatchObject({ revocation_reason: reason });
  });

  it.each([
    ['{"reason":"keycompromise"}'],
    ['{"reason":"certificateHold"}'],
    ['{"reason":1}'],
    ['{"reason":"toString"}'],
  ])('CS-5: refuses the reason in %s, names the good ones, and revokes nothing', async (body) => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    expectFailure(await revoke(gateway, holder, body), {
      status: 400,
      reason: 'field-invalid',
      error:
        'Error while unmarshalling request body: reason must be one of unspecified, keyCompromise, ' +
        'cACompromise, affiliationChanged, superseded, cessationOfOperation, privilegeWithdrawn, aACompromise.',
    });
    expect(await recordOf(gateway, holder)).toMatchObject({ revoked_at: null });
    await call(gateway, 'get', managementPath, holder).expect(200);
  });

  it('CS-4, CS-5: covers one certificate, and the one renewed from it lives on', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const next = await renewed(gateway, holder);
    await revoke(gateway, holder).expect(201);
    await call(gateway, 'get', managementPath, next).expect(200);
  });

  it('CS-5: for keyCompromise takes all that was renewed from it along, and bars the key', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const next = await renewed(gateway, holder);
    const last = await renewed(gateway, next);
    const other = await pair(gateway);
    await revoke(gateway, holder, '{"reason":"keyCompromise"}').expect(201);
    for (const one of [next, last]) {
      expectFailure(await call(gateway, 'get', managementPath, one), revoked);
    }
    await call(gateway, 'get', managementPath, other).expect(200);
    const again = await renew(gateway, other, { key: last.key });
    expect(again.body).toMatchObject({ code: 400, reason: 'key-in-use' });
  });
});

async function renewed(gateway: TestGateway, holder: Holder): Promise<Holder> {
  const key = makeKey('prime256v1');
  const { body } = await renew(gateway, holder, { key }).expect(201);
  return holderFrom(body, { application: holder.application, key });
}
