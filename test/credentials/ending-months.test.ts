import { expect, it } from '@jest/globals';
import { makeCountEndingMonths } from '../../src/credentials/ending-months.js';
import { makeListLatestEvents } from '../../src/credentials/latest-events.js';
import { makeMemberStore } from '../../src/credentials/member-store.js';
import {
  makeListOpenRollOvers,
  makeListWaitingServices,
} from '../../src/credentials/waiting-services.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { call, holderFrom, pair, renew } from '../support/gateway.js';
import { day, startServiceHouse } from '../support/service-users.js';

describeOnEachDatabase('what ends over twelve months', (fresh) => {
  it('is counted by kind, project, month and state, once a minute', async () => {
    const house = await startServiceHouse(await fresh());
    const { gateway, root } = house;
    const { database, clock } = gateway;
    const { db } = database;
    const first = await pair(gateway, 'a');
    holderFrom((await renew(gateway, first)).body, first);
    await house.addService({ name: 'kafka-1' });
    await house.addUser('u1', { validitySeconds: 80 * day });
    await house.pass();
    const count = makeCountEndingMonths({ db, clock: clock.now });
    const { months, counts } = await count();
    expect(months).toHaveLength(12);
    const of = (kind: string) =>
      counts
        .filter((one) => one.kind === kind && one.month < 12)
        .map(({ project, state, count: many, month }) => {
          return { project, state, many, isNear: month >= 2 && month <= 4 };
        });
    expect(of('application')).toEqual([{ project: null, state: 'fine', many: 1, isNear: true }]);
    expect(of('service-user')).toEqual([
      { project: 'p1', state: 'waiting', many: 1, isNear: true },
    ]);
    const authorities = counts.filter(({ kind }) => kind === 'authority');
    expect(authorities.map(({ project }) => project).sort()).toEqual([null, 'p1'].sort());

    await pair(gateway, 'b');
    expect(await count()).toMatchObject({ counts });
    clock.advance(60);
    const later = (await count()).counts.filter(({ kind }) => kind === 'application');
    expect(later.map((one) => one.count)).toEqual([2]);

    const waiting = makeListWaitingServices(db);
    const ofProject = await waiting({ projects: ['p1'], limit: 5 });
    expect(ofProject).toMatchObject([{ project: 'p1', service: 'kafka-1', users: 1 }]);
    expect(await waiting({ projects: ['p2'], limit: 5 })).toEqual([]);
    expect(await makeMemberStore(db).listRoles(root.id)).toEqual([
      { project: 'p1', role: 'admin' },
    ]);
    const rollOvers = makeListOpenRollOvers(db);
    expect(await rollOvers({ projects: ['p1'], withGateway: true })).toEqual([]);
    const latest = makeListLatestEvents(db);
    const [newest] = await latest({ projects: ['p1'], limit: 3 });
    expect(newest).toMatchObject({ project: 'p1', action: 'service-user.renewed' });
    expect((await latest({ projects: undefined, limit: 1 }))[0]?.action).toBe(
      'certificate.enrolled',
    );
    expect(await latest({ projects: ['p2'], limit: 3 })).toEqual([]);
  });

  it("begins with what is the gateway's own and ends first, each by its last good certificate", async () => {
    const { gateway } = await startServiceHouse(await fresh());
    const { database, clock } = gateway;
    const [a, gone] = [await pair(gateway, 'a'), await pair(gateway, 'gone')];
    await call(gateway, 'post', '/v1/applications/certificates/revocations', gone)
      .send('{}')
      .expect(201);
    clock.advance(day);
    await pair(gateway, 'b');
    clock.advance(day);
    await renew(gateway, a).expect(201);
    const count = makeCountEndingMonths({ db: database.db, clock: clock.now });

    const { first } = await count();

    expect(first.map(({ kind, name }) => [kind, name])).toEqual([
      ['application', 'b'],
      ['application', 'a'],
      ['gateway-ca', expect.any(String)],
    ]);
    expect(first[1]?.endsAt).toBe((first[0]?.endsAt ?? 0) + day);
    clock.advance(92 * day);
    expect((await count()).first.map(({ name }) => name)).toEqual([first[1]?.name, first[2]?.name]);
    for (const name of ['i', 'h', 'g', 'f', 'e', 'd', 'c']) await pair(gateway, name);
    clock.advance(60);
    expect((await count()).first.map(({ name }) => name)).toEqual(['c', 'd', 'e', 'f', 'g', 'h']);
  });
});
