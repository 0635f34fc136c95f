import { expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import { call, createToken, csrBody, subjectOf } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { eventsOf, recordedCertificates } from '../support/record.js';
import { atOnce, startReplicas } from '../support/replicas.js';
import { makeKey } from '../support/requests.js';

const rounds = 5;

function askInfo(gateway: TestGateway, token: string) {
  return call(gateway, 'get', `/v1/applications/signingRequests/info?token=${token}`);
}

function askCertificate(gateway: TestGateway, token: string) {
  const body = csrBody({ key: makeKey('prime256v1'), subject: subjectOf('app') });
  return call(gateway, 'post', `/v1/applications/certificates?token=${token}`).send(body);
}

/** Exactly one got what it asked for; the others were told that the token is used. */
function expectOneWinner(answers: readonly { status: number; body: unknown }[]): void {
  const losers = answers.filter(({ status }) => status !== 200 && status !== 201);
  expect(losers).toHaveLength(answers.length - 1);
  for (const { body } of losers) {
    expect(body).toMatchObject({ code: 403, error: 'Invalid token.', reason: 'token-used' });
  }
}

describeOnEachDatabase('a token used by 20 requests at once on two replicas', (fresh) => {
  it('HI-R4: gives one certificate, and 403 to the rest', async () => {
    const replicas = await startReplicas((await fresh()).url);

    for (let round = 1; round <= rounds; round += 1) {
      const token = await createToken(replicas[0], 'app');
      expectOneWinner(await atOnce(replicas, 20, (gateway) => askCertificate(gateway, token)));
      expect(await recordedCertificates(replicas[0])).toHaveLength(round);
      expect(await eventsOf(replicas[0], 'certificate.enrolled')).toHaveLength(round);
    }
  });

  it('HI-R4: gives one info document, and 403 to the rest', async () => {
    const replicas = await startReplicas((await fresh()).url);

    for (let round = 1; round <= rounds; round += 1) {
      const token = await createToken(replicas[0], 'app');
      expectOneWinner(await atOnce(replicas, 20, (gateway) => askInfo(gateway, token)));
      expect(await eventsOf(replicas[0], 'token.exchanged')).toHaveLength(round);
      const second = replicas[0].database.db
        .selectFrom('enrolment_tokens')
        .select('id')
        .where('purpose', '=', 'enrol');
      expect(await second.execute()).toHaveLength(round);
    }
  });

  it('HI-R4: gives either one certificate or one info document, never both', async () => {
    const replicas = await startReplicas((await fresh()).url);

    for (let round = 1; round <= rounds; round += 1) {
      const token = await createToken(replicas[0], 'app');
      expectOneWinner(
        await atOnce(replicas, 20, (gateway, turn) =>
          turn % 4 < 2 ? askInfo(gateway, token) : askCertificate(gateway, token),
        ),
      );
      const used = await eventsOf(replicas[0], 'certificate.enrolled', 'token.exchanged');
      expect(used).toHaveLength(round);
    }
  });

  it('HI-R4: gives one certificate for the token out of the info document', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const { body } = await askInfo(replicas[0], await createToken(replicas[0], 'app')).expect(200);
    const token = new URL(String(body.csrUrl)).searchParams.get('token') ?? '';

    expectOneWinner(await atOnce(replicas, 20, (gateway) => askCertificate(gateway, token)));

    expect(await recordedCertificates(replicas[0])).toHaveLength(1);
  });

  it('HI-R4: leaves the token good when all 20 fail', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const token = await createToken(replicas[0], 'app');
    const body = csrBody({ key: makeKey('prime256v1'), subject: subjectOf('another') });

    const answers = await atOnce(replicas, 20, (gateway) =>
      call(gateway, 'post', `/v1/applications/certificates?token=${token}`).send(body),
    );

    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(400));
    expect(await recordedCertificates(replicas[0])).toEqual([]);
    await askCertificate(replicas[1], token).expect(201);
  });
});
