import { expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { describeOnEachDatabase, describeOnPostgres } from '../support/databases.js';
import { call, pair } from '../support/gateway.js';
import type { Holder, TestGateway } from '../support/gateway.js';
import { untilSomebodyWaits } from '../support/record.js';
import { atOnce, startReplicas } from '../support/replicas.js';
import { fetchList, listPath, plainSerial, readList } from '../support/revocation-list.js';

function revoke(gateway: TestGateway, holder: Holder) {
  return call(gateway, 'post', '/v1/applications/certificates/revocations', holder);
}

function serialOf({ certPem }: Holder): string {
  return plainSerial(new X509Certificate(certPem).serialNumber);
}

describeOnEachDatabase('the revocation list of two replicas', (fresh) => {
  it('HI-R8: is built once under each number, and numbers only go up', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const path = await listPath(replicas[0]);
    const lists = new Map<number, string>();
    let latest = 0;

    for (let round = 1; round <= 6; round += 1) {
      const holder = await pair(replicas[0]);
      await revoke(replicas[1], holder).expect(201);
      const fetched = await atOnce(replicas, 10, (gateway) => fetchList(gateway, path));
      const distinct = new Map(fetched.map((der) => [der.toString('hex'), der]));
      const read = await Promise.all(
        [...distinct.values()].map((der) => readList(replicas[0], der)),
      );

      for (const { number, der, serials } of read) {
        expect(number).toBeGreaterThan(latest);
        expect(serials).toContain(serialOf(holder));
        expect(lists.get(number) ?? der.toString('hex')).toBe(der.toString('hex'));
        lists.set(number, der.toString('hex'));
      }
      latest = Math.max(...read.map(({ number }) => number));
      replicas[0].clock.advance(1);
    }
  });

  it('HI-R8: shows every revocation to a request that comes after it, while lists are built', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const path = await listPath(replicas[0]);
    const holders = await Promise.all(Array.from({ length: 10 }, () => pair(replicas[0])));

    await atOnce(replicas, holders.length, async (gateway, turn) => {
      const holder = holders[turn];
      if (holder === undefined) throw new Error('there is a holder for each turn');
      await revoke(gateway, holder).expect(201);
      const other = gateway === replicas[0] ? replicas[1] : replicas[0];
      const lists = await Promise.all([fetchList(gateway, path), fetchList(other, path)]);
      for (const der of lists) {
        expect((await readList(replicas[0], der)).serials).toContain(serialOf(holder));
      }
    });
  });
});

describeOnPostgres('a revocation that takes its time to commit', (fresh) => {
  it('HI-R8: is on the next list although a list was made meanwhile', async () => {
    const { url } = await fresh();
    const replicas = await startReplicas(url);
    const [gateway] = replicas;
    const path = await listPath(gateway);
    const holder = await pair(gateway);

    let revocation: Promise<unknown> | undefined;
    await gateway.database.transaction(async (trx) => {
      const row = trx.selectFrom('certificates').select('sha256').forUpdate();
      await row.where('sha256', '=', holder.sha256).execute();
      revocation = revoke(gateway, holder).expect(201).then(String);
      await untilSomebodyWaits(replicas[1].database);
      gateway.clock.advance(10);
      const early = await readList(gateway, await fetchList(gateway, path));
      expect(early.serials).toEqual([]);
    });
    await revocation;

    for (const replica of replicas) {
      const late = await readList(gateway, await fetchList(replica, path));
      expect(late.serials).toEqual([serialOf(holder)]);
    }
  });
});
