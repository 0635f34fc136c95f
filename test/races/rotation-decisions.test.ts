import { expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import { rotationRow } from '../support/due-rotations.js';
import { startTestGateway, testClock } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import {
  approvedRotation,
  askForRotation,
  digestFor,
  openGovernance,
} from '../support/governance.js';
import type { Governed } from '../support/governance.js';
import { callAsUser } from '../support/people.js';
import type { TestUser } from '../support/people.js';
import { eventsOf, recordedCertificates } from '../support/record.js';
import { atOnce, replicaSettings, startReplicas } from '../support/replicas.js';

const rounds = 4;

/** Requests below `.../rotations`, through whichever gateway. */
function callerOf({ organization, access }: Governed) {
  const rotations = `/v1/organization/${organization}/governance/access/${access}/rotations`;
  return (
    gateway: TestGateway,
    user: TestUser,
    call: { readonly path: string; readonly method?: 'post' | 'delete'; readonly body?: object },
  ) => callAsUser(gateway, user, call.method ?? 'post', `${rotations}${call.path}`).send(call.body);
}

async function stateOf({ gateway }: Governed, path: string) {
  const row = await rotationRow(gateway, path);
  if (!row) throw new Error('there is no such request');
  return row;
}

/** Ids of the events of both actions: on record in this order. */
async function idsOf(gateway: TestGateway, first: string, then: string) {
  const last = async (action: string) => (await eventsOf(gateway, action)).at(-1)?.id ?? 0;
  return [await last(first), await last(then)] as const;
}

describeOnEachDatabase('a request that is decided by many at once on two gateways', (fresh) => {
  it('HI-R5: is approved, declined or deleted, one of them and once', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const governed = await openGovernance(replicas[0]);
    const call = callerOf(governed);
    const { ann, ben, cleo } = governed;
    const states: string[] = [];

    for (let round = 0; round < rounds; round += 1) {
      const path = await askForRotation(governed);
      const digest = await digestFor(governed, path);
      const ways = [
        [ben, { path: `${path}/approve`, body: { digest } }],
        [cleo, { path: `${path}/decline`, body: { reason: 'not now' } }],
        [ann, { path, method: 'delete' }],
      ] as const;
      const answers = await atOnce(replicas, 18, (gateway, turn) => {
        const [user, what] = ways[(turn + round) % 3] ?? ways[0];
        return call(gateway, user, what);
      });

      const statuses = answers.map(({ status }) => status).sort();
      expect(statuses).toEqual([200, ...Array<number>(17).fill(409)]);
      const won = answers.find(({ status }) => status === 200);
      const { state } = await stateOf(governed, path);
      expect(won?.body.rotation.state).toBe(state);
      states.push(state);
    }

    const approved = states.filter((state) => state === 'approved').length;
    expect(await eventsOf(replicas[0], 'rotation.provided')).toHaveLength(approved);
    const decisions = ['rotation.approved', 'rotation.declined', 'rotation.deleted'];
    expect(await eventsOf(replicas[0], ...decisions)).toHaveLength(rounds);
  });

  it('SU-G5: is approved only by whom, and for whom, the group has at that moment', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const governed = await openGovernance(replicas[0]);
    const { ann, ben, setMembers, gateway } = governed;
    const call = callerOf(governed);

    for (let round = 0; round < rounds; round += 1) {
      const leaving = round % 2 === 0 ? ben : ann;
      const path = await askForRotation(governed);
      const digest = await digestFor(governed, path);
      const before = (await recordedCertificates(gateway, 'service-user')).length;
      const approve = { path: `${path}/approve`, body: { digest } };
      const [approved] = await Promise.all([
        call(replicas[1], ben, approve),
        setMembers('remove_members', leaving),
      ]);

      const made = (await recordedCertificates(gateway, 'service-user')).length - before;
      if (approved.status === 200) {
        const [decided, left] = await idsOf(gateway, 'rotation.approved', 'group.members-removed');
        expect(decided).toBeLessThan(left);
        expect(made).toBe(1);
      } else {
        expect(approved.status).toBe(leaving === ben ? 403 : 409);
        expect(made).toBe(0);
        await setMembers('add_members', leaving);
        await call(gateway, ann, { path, method: 'delete' }).expect(200);
        continue;
      }
      await setMembers('add_members', leaving);
    }
  });
});

describeOnEachDatabase('credentials that are revealed', (fresh) => {
  it('SU-G5, SU-G10: go to nobody whom the group has lost before', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const governed = await openGovernance(replicas[0]);
    const { ann, setMembers, gateway } = governed;
    const call = callerOf(governed);

    for (let round = 0; round < rounds; round += 1) {
      const path = await approvedRotation(governed);
      const [revealed] = await Promise.all([
        call(replicas[1], ann, { path: `${path}/reveal` }),
        setMembers('remove_members', ann),
      ]);

      const again = await call(gateway, ann, { path: `${path}/reveal` }).expect(403);
      expect(again.text).not.toContain('PRIVATE KEY');
      await setMembers('add_members', ann);
      const { credentials_state } = await stateOf(governed, path);
      if (revealed.status === 200) {
        const [shown, left] = await idsOf(gateway, 'rotation.revealed', 'group.members-removed');
        expect(shown).toBeLessThan(left);
        expect(credentials_state).toBe('revealed');
      } else {
        expect(revealed.status).toBe(403);
        expect(credentials_state).toBe('waiting');
      }
    }
  });

  it('HI-R7: are revealed or lapse, never both, where one gateway is a week ahead', async () => {
    const shared = replicaSettings((await fresh()).url);
    const clock = testClock();
    const ahead = testClock();
    const gateway = await startTestGateway(shared, clock);
    ahead.advance(7 * 86_400);
    const other = await startTestGateway(shared, ahead);
    const governed = await openGovernance(gateway);
    const call = callerOf(governed);

    for (let round = 0; round < rounds; round += 1) {
      const path = await approvedRotation(governed);
      const [answers] = await Promise.all([
        atOnce([gateway, gateway], 6, (at) => call(at, governed.ann, { path: `${path}/reveal` })),
        other.tendRotations(),
      ]);

      const rotation = await stateOf(governed, path);
      const won = answers.filter(({ status }) => status === 200);
      expect(won).toHaveLength(rotation.credentials_state === 'revealed' ? 1 : 0);
      for (const { status, text } of answers.filter((answer) => !won.includes(answer))) {
        expect(status).toBe(410);
        expect(text).not.toContain('PRIVATE KEY');
      }
      const made = (await recordedCertificates(gateway, 'service-user')).find(
        ({ sha256 }) => sha256 === rotation.certificate_sha256,
      );
      expect(made?.revoked_at === null).toBe(won.length === 1);
    }
    const ends = await eventsOf(gateway, 'rotation.revealed', 'rotation.credentials-lapsed');
    expect(ends).toHaveLength(rounds);
  });
});
