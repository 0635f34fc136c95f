import { expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import { callAdmin } from '../support/gateway.js';
import { day, startServiceHouse } from '../support/service-users.js';
import type { ServiceHouse } from '../support/service-users.js';

async function series({ gateway }: ServiceHouse): Promise<string[]> {
  const { text } = await callAdmin(gateway, 'get', '/metrics').expect(200);
  return text.split('\n').filter((line) => line.startsWith('everleaf_service_user_'));
}

/** A scrape shows the last count: the next minute's is asked for until it is there. */
async function nextCount(house: ServiceHouse, before: readonly string[]): Promise<string[]> {
  house.gateway.clock.advance(60);
  for (;;) {
    const shown = await series(house);
    const counts = shown.filter((line) => line.includes('_certificates{'));
    if (counts.join() !== before.join()) return shown;
  }
}

describeOnEachDatabase('the metrics of service users', (fresh) => {
  it('count by service what ends soon and what nobody has acknowledged, and forget what is done', async () => {
    const house = await startServiceHouse(await fresh());
    const { clock } = house.gateway;
    await house.addService();
    await house.addService({ name: 'off-1' });
    await house.addUser('app');
    await house.addUser('web');
    await house.addUser('dark', { service: 'off-1', validitySeconds: 750 * day });
    const { pair } = await house.find('app');
    expect(await series(house)).toEqual([]);
    await house.changeService({ name: 'off-1', isPowered: false });
    clock.advance(735 * day);
    await house.pass();
    const counts = [
      'everleaf_service_user_certificates{project="p1",service="off-1",state="expiring"} 1',
      'everleaf_service_user_certificates{project="p1",service="kafka-1",state="pending"} 2',
    ];
    const shown = await nextCount(house, []);
    expect(shown.slice(0, 2)).toEqual(counts);
    expect(shown[3]).toBe(
      `everleaf_service_user_first_end_seconds{project="p1",service="kafka-1",state="pending"} ${String((pair?.notAfter ?? 0) - clock.now())}`,
    );
    expect(shown).toHaveLength(4);
    for (const name of ['app', 'web']) await house.acknowledge(await house.find(name));
    // Within the minute nothing is counted, but time goes on.
    clock.advance(30);
    const within = await series(house);
    expect(within.slice(0, 2)).toEqual(counts);
    expect(Number(within[3]?.split(' ').at(-1))).toBe((pair?.notAfter ?? 0) - clock.now());
    expect((await nextCount(house, counts)).slice(0, 1)).toEqual(counts.slice(0, 1));
  });
});
