import { describe, expect, it } from '@jest/globals';
import { call, callAdmin, createToken, csrBody, holderFrom, pair } from '../support/gateway.js';
import { renew, startTestGateway, subjectOf } from '../support/gateway.js';
import type { Holder, TestGateway } from '../support/gateway.js';
import { eventsOf, recordedCertificates, rowCounts } from '../support/record.js';
import { makeKey } from '../support/requests.js';

const path = '/v1/applications/certificates/revocations';

function revoke(gateway: TestGateway, holder: Holder, body?: object | string) {
  const text = typeof body === 'string' ? body : body && JSON.stringify(body);
  const asked = call(gateway, 'post', path, holder);
  return text === undefined ? asked : asked.send(text);
}

async function successor(gateway: TestGateway, holder: Holder): Promise<Holder> {
  const key = makeKey('prime256v1');
  const { body } = await renew(gateway, holder, { key }).expect(201);
  return holderFrom(body, { application: holder.application, key });
}

async function reasonOf(gateway: TestGateway, { sha256 }: Holder): Promise<string | null> {
  const rows = await recordedCertificates(gateway);
  return rows.find((row) => row.sha256 === sha256)?.revocation_reason ?? null;
}

describe('revocation', () => {
  it('CS-5: puts the reason of the holder on record, unspecified where there is none', async () => {
    const gateway = await startTestGateway();
    const [one, other] = [await pair(gateway, 'one'), await pair(gateway, 'other')];

    await revoke(gateway, one, { reason: 'superseded' }).expect(201);
    await revoke(gateway, other).expect(201);

    expect(await reasonOf(gateway, one)).toBe('superseded');
    expect(await reasonOf(gateway, other)).toBe('unspecified');
    const events = await eventsOf(gateway, 'certificate.revoked');
    expect(events.map(({ actor, certificate }) => ({ actor, certificate }))).toEqual([
      { actor: 'application:one', certificate: one.sha256 },
      { actor: 'application:other', certificate: other.sha256 },
    ]);
  });

  it.each(['{"reason":"because"}', '{"reason":7}', '{"reason":"hasOwnProperty"}', '[]', '{'])(
    'refuses the body %s and revokes nothing',
    async (body) => {
      const gateway = await startTestGateway();
      const holder = await pair(gateway);

      await revoke(gateway, holder, body).expect(400);

      expect(await reasonOf(gateway, holder)).toBeNull();
      await renew(gateway, holder).expect(201);
    },
  );

  it('CS-5: answers 201 again, and changes nothing the second time', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    await revoke(gateway, holder, { reason: 'superseded' }).expect(201);
    const [before, rows] = [await recordedCertificates(gateway), await rowCounts(gateway)];
    gateway.clock.advance(60);

    await revoke(gateway, holder, { reason: 'cessationOfOperation' }).expect(201);

    expect(await recordedCertificates(gateway)).toEqual(before);
    expect(await rowCounts(gateway)).toEqual(rows);
  });

  it('covers one certificate and leaves its successors alone', async () => {
    const gateway = await startTestGateway();
    const first = await pair(gateway);
    const second = await successor(gateway, first);

    await revoke(gateway, first, { reason: 'superseded' }).expect(201);

    await renew(gateway, second).expect(201);
    await renew(gateway, first).expect(403);
  });

  it('covers all descendants and bars all keys after a compromise, and no ancestor', async () => {
    const gateway = await startTestGateway();
    const root = await pair(gateway);
    const stolen = await successor(gateway, root);
    const children = [await successor(gateway, stolen), await successor(gateway, stolen)];
    const [child] = children;
    if (child === undefined) throw new Error('there are two children');
    const grandchild = await successor(gateway, child);

    await revoke(gateway, stolen, { reason: 'keyCompromise' }).expect(201);

    for (const holder of [stolen, ...children, grandchild]) {
      expect(await reasonOf(gateway, holder)).toBe('keyCompromise');
      const { body } = await renew(gateway, holder).expect(403);
      expect(body).toMatchObject({ reason: 'certificate-revoked' });
      await renew(gateway, root, { key: holder.key }).expect(400);
    }
    const token = await createToken(gateway, 'app');
    const csr = csrBody({ key: grandchild.key, subject: subjectOf('app') });
    await call(gateway, 'post', `/v1/applications/certificates?token=${token}`)
      .send(csr)
      .expect(400);
    await renew(gateway, root, { key: makeKey('prime256v1') }).expect(201);
    const [event] = await eventsOf(gateway, 'certificate.revoked');
    expect(event).toMatchObject({ level: 'warning', certificate: stolen.sha256 });
    expect(JSON.parse(event?.detail ?? '')).toEqual({ reason: 'keyCompromise', descendants: 3 });
  });

  it('covers descendants behind a certificate that was revoked for another reason before', async () => {
    const gateway = await startTestGateway();
    const root = await pair(gateway);
    const middle = await successor(gateway, root);
    const last = await successor(gateway, middle);
    await revoke(gateway, middle, { reason: 'superseded' }).expect(201);

    await revoke(gateway, root, { reason: 'keyCompromise' }).expect(201);

    expect(await reasonOf(gateway, last)).toBe('keyCompromise');
    expect(await reasonOf(gateway, middle)).toBe('superseded');
  });

  it('bars the key, and says so in the audit log, when a compromise is told after a revocation', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    await revoke(gateway, holder, { reason: 'superseded' }).expect(201);

    const hash = { hash: holder.sha256 };
    await callAdmin(gateway, 'post', path)
      .send(JSON.stringify({ ...hash, reason: 'keyCompromise' }))
      .expect(201);

    const [key] = await gateway.database.db
      .selectFrom('public_keys')
      .select('compromised_at')
      .where('holder', '=', 'app')
      .execute();
    expect(key?.compromised_at).toBe(gateway.clock.now());
    expect(await eventsOf(gateway, 'certificate.revoked')).toHaveLength(2);
  });
});
