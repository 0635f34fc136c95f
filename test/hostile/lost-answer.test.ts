import { describe, expect, it } from '@jest/globals';
import type { Test } from 'supertest';
import type { Holder, TestGateway } from '../support/gateway.js';
import { call, callAdmin, csrBody, decodeAnswer, holderFrom } from '../support/gateway.js';
import { pair, startTestGateway, subjectOf } from '../support/gateway.js';
import { countCertificates } from '../support/refusals.js';
import { openTls, requestText } from '../support/wire.js';

const renewals = '/v1/applications/certificates/renewals';
const day = 86_400;

/** A renewal that can be sent again byte for byte. */
async function renewable(settings: Readonly<Record<string, string>> = {}) {
  const gateway = await startTestGateway(settings);
  const holder = await pair(gateway);
  const body = csrBody({ key: holder.key, subject: subjectOf('app') });
  const send = (to: TestGateway = gateway): Test => call(to, 'post', renewals, holder).send(body);
  const certificate = async (to: TestGateway = gateway): Promise<string> =>
    decodeAnswer((await send(to).expect(201)).body).clientCrt;
  return { gateway, holder, body, send, certificate };
}

async function revoke(gateway: TestGateway, { sha256 }: Pick<Holder, 'sha256'>): Promise<void> {
  await callAdmin(gateway, 'post', '/v1/applications/certificates/revocations')
    .send(JSON.stringify({ hash: sha256 }))
    .expect(201);
}

describe('an answer that is lost', () => {
  it('HI-H9: comes back for the same request after the client hung up', async () => {
    const { gateway, holder, body, certificate } = await renewable();
    const socket = await openTls(gateway, { holder });
    socket.write(requestText('POST', renewals, { body }), () => socket.destroy());
    const issued = async (): Promise<number> =>
      (await countCertificates(gateway))['application'] ?? 0;
    while ((await issued()) < 2) await call(gateway, 'get', '/v1/api.yaml').expect(200);
    const again = await certificate();
    expect(await issued()).toBe(2);
    const { der } = await gateway.database.db
      .selectFrom('certificates')
      .select('der')
      .where('predecessor', '=', holder.sha256)
      .executeTakeFirstOrThrow();
    expect(again.replace(/-----[A-Z ]+-----|\n/g, '')).toBe(der);
  });

  it('HI-H9: is the same for a day, after a restart too, and another one after it', async () => {
    const { gateway, certificate } = await renewable();
    const first = await certificate();
    expect(await certificate()).toBe(first);
    const issuedAt = gateway.clock.now();
    const again = await gateway.restart();
    again.clock.advance(issuedAt + day - again.clock.now());
    expect(await certificate(again)).toBe(first);
    again.clock.advance(1);
    const second = await certificate(again);
    expect(second).not.toBe(first);
    expect(await certificate(again)).toBe(second);
    expect(await countCertificates(again)).toEqual({ application: 3, server: 1 });
  });

  it('HI-H9: is the same for a third of a short life only', async () => {
    const { gateway, certificate } = await renewable({ EVERLEAF_CLIENT_VALIDITY: '3h' });
    const first = await certificate();
    gateway.clock.advance(3_600);
    expect(await certificate()).toBe(first);
    gateway.clock.advance(1);
    expect(await certificate()).not.toBe(first);
  });

  it('HI-H9: is another one when the certificate in it was revoked', async () => {
    const { gateway, holder, send } = await renewable();
    const first = holderFrom((await send().expect(201)).body, holder);
    await revoke(gateway, first);
    const second = holderFrom((await send().expect(201)).body, holder);
    expect(second.sha256).not.toBe(first.sha256);
    await call(gateway, 'get', '/v1/applications/management/info', second).expect(200);
  });

  it('HI-H9: does not come back under a certificate that was revoked or has expired', async () => {
    const { gateway, holder, send } = await renewable();
    await send().expect(201);
    await revoke(gateway, holder);
    expect((await send().expect(403)).body.reason).toBe('certificate-revoked');
    const short = await renewable({ EVERLEAF_CLIENT_VALIDITY: '3h' });
    await short.send().expect(201);
    short.gateway.clock.advance(3 * 3_600 + 1);
    expect((await short.send().expect(403)).body.reason).toBe('certificate-expired');
  });

  it('HI-H9: is nobody else’s: the same request under another certificate is another renewal', async () => {
    const { gateway, holder, body, send } = await renewable();
    const successor = holderFrom((await send().expect(201)).body, holder);
    const other = await pair(gateway, 'other');
    await call(gateway, 'post', renewals, other).send(body).expect(400);
    const next = holderFrom(
      (await call(gateway, 'post', renewals, successor).send(body).expect(201)).body,
      holder,
    );
    expect(new Set([holder.sha256, successor.sha256, next.sha256]).size).toBe(3);
  });
});
