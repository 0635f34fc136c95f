import { describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import request from 'supertest';
import { call, holderFrom, pair, renew, startTestGateway } from '../support/gateway.js';
import type { Holder, TestGateway } from '../support/gateway.js';
import { fetchList, listPath, plainSerial, readList } from '../support/revocation-list.js';
import type { ReadList } from '../support/revocation-list.js';

const day = 86_400;

async function currentList(gateway: TestGateway): Promise<ReadList> {
  return readList(gateway, await fetchList(gateway, await listPath(gateway)));
}

function revoke(gateway: TestGateway, holder: Holder, reason = 'superseded') {
  const path = '/v1/applications/certificates/revocations';
  return call(gateway, 'post', path, holder).send(JSON.stringify({ reason })).expect(201);
}

function serialOf({ certPem }: Holder): string {
  return plainSerial(new X509Certificate(certPem).serialNumber);
}

describe('the revocation list', () => {
  it('is signed by the authority and empty at first, and served with its type', async () => {
    const gateway = await startTestGateway();

    const answer = await request(gateway.urls.pki)
      .get(await listPath(gateway))
      .expect(200);

    expect(answer.type).toBe('application/pkix-crl');
    const list = await currentList(gateway);
    expect(list.serials).toEqual([]);
    expect(list.text).toContain('No Revoked Certificates');
    expect(list.number).toBeGreaterThan(0);
  });

  it('shows a revocation in the request right after it, with its reason, under a higher number', async () => {
    const gateway = await startTestGateway();
    const [one, other] = [await pair(gateway), await pair(gateway)];
    let number = (await currentList(gateway)).number;

    for (const [holder, serials] of [
      [one, [serialOf(one)]],
      [other, [serialOf(one), serialOf(other)].sort()],
    ] as const) {
      await revoke(gateway, holder, 'keyCompromise');
      const list = await currentList(gateway);
      expect([...list.serials].sort()).toEqual(serials);
      expect(list.text).toContain('Key Compromise');
      expect(list.number).toBeGreaterThan(number);
      number = list.number;
    }
  });

  it('shows the descendants that a compromise takes along', async () => {
    const gateway = await startTestGateway();
    const root = await pair(gateway);
    const child = holderFrom((await renew(gateway, root).expect(201)).body, root);

    await revoke(gateway, root, 'keyCompromise');

    expect([...(await currentList(gateway)).serials].sort()).toEqual(
      [serialOf(root), serialOf(child)].sort(),
    );
  });

  it('stays byte by byte the same while nothing is revoked, for half of its life', async () => {
    const gateway = await startTestGateway();
    await revoke(gateway, await pair(gateway));
    const first = await currentList(gateway);

    expect((await currentList(gateway)).der).toEqual(first.der);
    gateway.clock.advance(day / 2 - 1);
    expect((await currentList(gateway)).der).toEqual(first.der);

    gateway.clock.advance(1);
    const second = await currentList(gateway);
    expect(second.number).toBeGreaterThan(first.number);
    expect(second.serials).toEqual(first.serials);
  });

  it('is the same after a restart', async () => {
    const gateway = await startTestGateway();
    await revoke(gateway, await pair(gateway));
    const first = await currentList(gateway);

    const again = await gateway.restart();

    expect((await currentList(again)).der).toEqual(first.der);
  });

  it('drops a certificate that has expired, one list after its end', async () => {
    const gateway = await startTestGateway({ EVERLEAF_CLIENT_VALIDITY: '2d' });
    const short = await pair(gateway);
    await revoke(gateway, short);
    expect((await currentList(gateway)).serials).toEqual([serialOf(short)]);

    // At the last second of its validity, which is no list after the end.
    gateway.clock.advance(2 * day);
    expect((await currentList(gateway)).serials).toEqual([serialOf(short)]);
    gateway.clock.advance(day);
    expect((await currentList(gateway)).serials).toEqual([serialOf(short)]);
    gateway.clock.advance(day);

    expect((await currentList(gateway)).serials).toEqual([]);
  });

  it('has an entry after the end of its certificate although nobody ran it for weeks', async () => {
    const gateway = await startTestGateway({ EVERLEAF_CLIENT_VALIDITY: '2d' });
    const short = await pair(gateway);
    await revoke(gateway, short);
    expect((await currentList(gateway)).serials).toEqual([serialOf(short)]);

    await gateway.stop();
    gateway.clock.advance(30 * day);
    const again = await gateway.restart();
    expect((await currentList(again)).serials).toEqual([serialOf(short)]);
    again.clock.advance(day);

    expect((await currentList(again)).serials).toEqual([]);
  });

  it('takes the place of the first release’s list under a higher number, with all that is revoked', async () => {
    const gateway = await startTestGateway({ EVERLEAF_CLIENT_VALIDITY: '2d' });
    const short = await pair(gateway);
    await revoke(gateway, short);
    const { number } = await currentList(gateway);
    const { db } = gateway.database;
    const list = { this_update: gateway.clock.now(), next_update: gateway.clock.now() + day };
    await db.deleteFrom('signed_revocation_lists').execute();
    await db
      .updateTable('revocation_lists')
      .set({ ...list, number: number + 5, der: 'MAA=' })
      .execute();
    gateway.clock.advance(3 * day);

    const first = await currentList(gateway);

    expect(first.number).toBeGreaterThan(number + 5);
    expect(first.serials).toEqual([serialOf(short)]);
    // The first release finds no list in its columns, and makes one under the next number.
    const row = await db.selectFrom('revocation_lists').select('this_update').executeTakeFirst();
    expect(row?.this_update).toBe(0);
  });

  it('is made anew when its entries on record are not those that were signed', async () => {
    const gateway = await startTestGateway();
    const [one, other] = [await pair(gateway), await pair(gateway)];
    await revoke(gateway, one);
    await revoke(gateway, other);
    const first = await currentList(gateway);
    await gateway.database.db
      .updateTable('certificates')
      .set({ origin: 'adopted' })
      .where('sha256', '=', one.sha256)
      .execute();

    const again = await currentList(await gateway.restart());

    expect(again.number).toBeGreaterThan(first.number);
    expect(again.serials).toEqual([serialOf(other)]);
  });

  it('has a higher number than every list before a backup was restored', async () => {
    const gateway = await startTestGateway();
    const holder = await pair(gateway);
    const { db } = gateway.database;
    const backup = await db.selectFrom('revocation_lists').selectAll().executeTakeFirst();
    await revoke(gateway, holder);
    const last = await currentList(gateway);
    await gateway.stop();
    const again = await gateway.restart();
    await again.database.db
      .updateTable('revocation_lists')
      .set({ number: backup?.number ?? 1 })
      .execute();
    await again.database.db.deleteFrom('signed_revocation_lists').execute();
    again.clock.advance(60);

    expect((await currentList(again)).number).toBeGreaterThan(last.number);
  });

  it('is not served under the name of another authority', async () => {
    const gateway = await startTestGateway();

    const answer = await request(gateway.urls.pki).get('/pki/0123456789abcdef.crl');

    expect(answer.status).toBe(404);
    expect(answer.body).toMatchObject({ code: 404, reason: 'not-found' });
  });
});
