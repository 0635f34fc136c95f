import { expect, it } from '@jest/globals';
import { announced } from '../support/announced.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { eventsOf } from '../support/record.js';
import { atOnce, startReplicas } from '../support/replicas.js';
import { addHolder, asHolder, pairOf, setSelfService } from '../support/service-user-holder.js';
import { openService, renewUser } from '../support/services.js';

const countOf = (answers: readonly { readonly status: number }[], status: number): number =>
  answers.filter((answer) => answer.status === status).length;

describeOnEachDatabase('holders of service users on two replicas', (fresh) => {
  it('fetch a pending pair once of twenty times at once, for each renewal', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const house = await openService(replicas[0]);
    let old = await addHolder(house, 'app');
    await setSelfService(house, 'app');
    for (let round = 1; round <= 3; round += 1) {
      await renewUser(replicas[0], 'app');

      const answers = await atOnce(replicas, 20, (gateway) => asHolder(gateway).fetch(old));

      expect([countOf(answers, 200), countOf(answers, 410)]).toEqual([1, 19]);
      expect(await eventsOf(replicas[0], 'service-user.fetched')).toHaveLength(round);
      expect(await announced(replicas[0])).toHaveLength(round);
      old = await pairOf(house, 'app');
    }
  });

  it('get the pair that fits or none while it is renewed and reset', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const house = await openService(replicas[0]);
    const old = await addHolder(house, 'app');
    await setSelfService(house, 'app');
    await renewUser(replicas[0], 'app');

    const answers = await atOnce(replicas, 16, async (gateway, turn) => {
      if (turn === 2) await renewUser(gateway, 'app').catch(() => undefined);
      return turn === 5 ? house.reset('app') : asHolder(gateway).fetch(old);
    });

    for (const { status } of answers) expect([200, 409, 410]).toContain(status);
    const fetched = answers.filter(({ body }) => body.files !== undefined);
    expect(fetched.length).toBeLessThanOrEqual(1);
    expect(await eventsOf(replicas[0], 'service-user.fetched')).toHaveLength(fetched.length);
    expect(await announced(replicas[0])).toHaveLength(fetched.length);
  });

  it('SU-A7: acknowledge the renewal that made their certificate, once, and none that comes meanwhile', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const house = await openService(replicas[0]);
    await addHolder(house, 'app');
    for (let round = 1; round <= 4; round += 1) {
      await renewUser(replicas[0], 'app');
      const current = await pairOf(house, 'app');
      const before = (await eventsOf(replicas[0], 'service-user.acknowledged')).length;

      const answers = await atOnce(replicas, 10, async (gateway, turn) => {
        if (turn === round) await renewUser(gateway, 'app').catch(() => undefined);
        return asHolder(gateway).acknowledge(current);
      });

      for (const { status } of answers) expect([200, 409]).toContain(status);
      const won = answers.filter(({ body }) => body.acknowledged === true);
      expect(won.length).toBeLessThanOrEqual(1);
      const events = await eventsOf(replicas[0], 'service-user.acknowledged');
      expect(events).toHaveLength(before + won.length);
      // A renewal that came meanwhile, if one did, still waits for its own acknowledgement.
      const { body } = await asHolder(replicas[0]).me(await pairOf(house, 'app'));
      const isRenewed = (await pairOf(house, 'app')).certPem !== current.certPem;
      expect(body.next).toBe(isRenewed ? 'acknowledge' : 'none');
    }
  });
});
