import { expect, it } from '@jest/globals';
import { Agent } from 'node:https';
import type { Response } from 'supertest';
import { describeOnEachDatabase } from '../support/databases.js';
import { openGovernance } from '../support/governance.js';
import type { TestUser } from '../support/people.js';
import { callAsUser } from '../support/people.js';
import { eventsOf, recordedCertificates } from '../support/record.js';
import { atOnce, startReplicas } from '../support/replicas.js';
import type { Replicas } from '../support/replicas.js';

/** More of them by hand: `EVERLEAF_TEST_ROUNDS=200`. */
const rounds = Number(process.env['EVERLEAF_TEST_ROUNDS'] ?? 4);
const times = 20;

/** Exactly one was served; gives its answer. */
function winnerOf(answers: readonly Response[], lost: number): Response {
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([200, ...Array<number>(times - 1).fill(lost)]);
  const [winner] = answers.filter(({ status }) => status === 200);
  if (!winner) throw new Error('nobody was served');
  return winner;
}

describeOnEachDatabase('a rotation that 20 requests at once bring on, step by step', (fresh) => {
  it.each([
    ['one gateway', (replicas: Replicas): Replicas => [replicas[0], replicas[0]]],
    ['two gateways', (replicas: Replicas): Replicas => replicas],
  ])(
    'HI-R5, HI-R7, SU-G3, SU-G4, SU-G9: is asked for, approved and revealed once through %s',
    async (_how, through) => {
      const replicas = await startReplicas((await fresh()).url);
      const governed = await openGovernance(replicas[0]);
      const { organization, access, ann, ben, cleo } = governed;
      const rotations = `/v1/organization/${organization}/governance/access/${access}/rotations`;
      const allAtOnce = (asWhom: readonly TestUser[], path: string, body?: object) =>
        atOnce(through(replicas), times, async (gateway, turn) => {
          const user = asWhom[(turn >> 1) % asWhom.length];
          const call = callAsUser(gateway, user, 'post', `${rotations}${path}`);
          return call.agent(new Agent({ localAddress })).send(body);
        });
      let localAddress = '127.0.0.1';
      const before = (await recordedCertificates(replicas[0], 'service-user')).length;

      for (let round = 1; round <= rounds; round += 1) {
        // Each from an address of its own: one address alone would be asked to wait.
        localAddress = `127.0.0.${String(1 + (round % 250))}`;
        const asked = await allAtOnce([ann, ben], '', { message: `round ${String(round)}` });
        const { rotation_id, requester_user_id } = winnerOf(asked, 409).body.rotation;
        const [requester, other] = requester_user_id === ann.id ? [ann, ben] : [ben, ann];
        const path = `/${String(rotation_id)}`;
        const shown = await governed.rotations(cleo, 'get', path).expect(200);
        const { digest } = shown.body.rotation;

        const approved = await allAtOnce([cleo, other], `${path}/approve`, { digest });
        expect(winnerOf(approved, 409).body.rotation.state).toBe('approved');
        const revealed = await allAtOnce([requester], `${path}/reveal`);
        expect(winnerOf(revealed, 410).body.credentials.access_key).toContain('PRIVATE KEY');
        expect(revealed.filter(({ text }) => text.includes('PRIVATE KEY'))).toHaveLength(1);
      }

      for (const step of ['requested', 'approved', 'provided', 'revealed'])
        expect(await eventsOf(replicas[0], `rotation.${step}`)).toHaveLength(rounds);
      const certificates = await recordedCertificates(replicas[0], 'service-user');
      expect(certificates).toHaveLength(before + rounds);
      expect(new Set(certificates.map(({ spki_sha256 }) => spki_sha256)).size).toBe(
        certificates.length,
      );
    },
    20_000 + rounds * 10_000,
  );
});
