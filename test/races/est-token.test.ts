import { expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import { expectEstRefusal, pkcs10, simpleEnroll } from '../support/est.js';
import { call, createToken, csrBody } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { eventsOf, recordedCertificates } from '../support/record.js';
import { atOnce, startReplicas } from '../support/replicas.js';
import { makeKey } from '../support/requests.js';

const rounds = 3;

function enrol(gateway: TestGateway, token: string) {
  return simpleEnroll(gateway, { token }, pkcs10({ key: makeKey('prime256v1') }));
}

describeOnEachDatabase('a token used by 20 EST clients at once on two replicas', (fresh) => {
  it('HI-R4: gives one certificate, and 401 to the rest', async () => {
    const replicas = await startReplicas((await fresh()).url);

    for (let round = 1; round <= rounds; round += 1) {
      const token = await createToken(replicas[0], 'app');
      const answers = await atOnce(replicas, 20, (gateway) => enrol(gateway, token));
      const losers = answers.filter(({ status }) => status !== 200);
      expect(losers).toHaveLength(19);
      for (const answer of losers) {
        expectEstRefusal(answer, { status: 401, lines: ['Invalid token.', /has been used/] });
      }
      expect(await recordedCertificates(replicas[0])).toHaveLength(round);
      expect(await eventsOf(replicas[0], 'certificate.enrolled')).toHaveLength(round);
    }
  });

  it('HI-R4: gives one certificate, by EST or by JSON', async () => {
    const replicas = await startReplicas((await fresh()).url);

    for (let round = 1; round <= rounds; round += 1) {
      const token = await createToken(replicas[0], 'app');
      const answers = await atOnce(replicas, 20, (gateway, turn) =>
        turn % 4 < 2
          ? enrol(gateway, token)
          : call(gateway, 'post', `/v1/applications/certificates?token=${token}`).send(
              csrBody({ key: makeKey('prime256v1') }),
            ),
      );
      const winners = answers.filter(({ status }) => status === 200 || status === 201);
      expect(winners).toHaveLength(1);
      expect(await recordedCertificates(replicas[0])).toHaveLength(round);
    }
  });
});
