import { describe, expect, it } from '@jest/globals';
import { call, callAdmin, holderFrom, pair, renew, startTestGateway } from '../support/gateway.js';
import type { Holder, TestGateway } from '../support/gateway.js';
import { makeKey } from '../support/requests.js';

const revocations = '/v1/applications/certificates/revocations';

/** The next certificate of the holder, with the same key unless another is given. */
async function renewed(gateway: TestGateway, holder: Holder, key = holder.key): Promise<Holder> {
  const { body } = await renew(gateway, holder, { key, digest: 'sha384' }).expect(201);
  return holderFrom(body, { application: holder.application, key });
}

async function reasonsOf(gateway: TestGateway): Promise<Record<string, string | null>> {
  const rows = await gateway.database.db
    .selectFrom('certificates')
    .select(['sha256', 'revocation_reason'])
    .where('kind', '=', 'application')
    .execute();
  return Object.fromEntries(rows.map((row) => [row.sha256, row.revocation_reason]));
}

describe('a compromised key', () => {
  it('takes its earlier certificates along: whoever has it could present them', async () => {
    const gateway = await startTestGateway();
    const first = await pair(gateway);
    const second = await renewed(gateway, first);
    await call(gateway, 'post', revocations, second).send({ reason: 'keyCompromise' }).expect(201);
    await renew(gateway, first, { key: makeKey('prime256v1') }).expect(403);
    expect(await reasonsOf(gateway)).toEqual({
      [first.sha256]: 'keyCompromise',
      [second.sha256]: 'keyCompromise',
    });
  });

  it('leaves earlier certificates with another key alone', async () => {
    const gateway = await startTestGateway();
    const first = await pair(gateway);
    const second = await renewed(gateway, first, makeKey('prime256v1'));
    await call(gateway, 'post', revocations, second).send({ reason: 'keyCompromise' }).expect(201);
    await renew(gateway, first).expect(201);
  });

  it('cannot be reported with a certificate that is revoked already, which has no say any more', async () => {
    const gateway = await startTestGateway();
    const first = await pair(gateway);
    const second = await renewed(gateway, first, makeKey('prime256v1'));
    await call(gateway, 'post', revocations, first).send({ reason: 'superseded' }).expect(201);
    await call(gateway, 'post', revocations, first).send({ reason: 'keyCompromise' }).expect(201);
    await renew(gateway, second).expect(201);
    expect((await reasonsOf(gateway))[first.sha256]).toBe('superseded');
  });

  it('can be reported later by the operator, and the record takes the graver reason', async () => {
    const gateway = await startTestGateway();
    const first = await pair(gateway);
    const second = await renewed(gateway, first, makeKey('prime256v1'));
    await call(gateway, 'post', revocations, first).send({ reason: 'superseded' }).expect(201);
    const order = { hash: first.sha256, reason: 'keyCompromise' };
    await callAdmin(gateway, 'post', revocations).send(order).expect(201);
    await renew(gateway, second).expect(403);
    expect(await reasonsOf(gateway)).toEqual({
      [first.sha256]: 'keyCompromise',
      [second.sha256]: 'keyCompromise',
    });
  });
});
