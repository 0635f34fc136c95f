import { expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import { call, pair, renew } from '../support/gateway.js';
import type { Holder, TestGateway } from '../support/gateway.js';
import { eventsOf, recordedCertificates, successorsOf } from '../support/record.js';
import { lapse, recover, recoverToken, revokeByHash } from '../support/recover.js';
import { atOnce, startReplicas } from '../support/replicas.js';
import { makeKey } from '../support/requests.js';

const hour = { EVERLEAF_CLIENT_VALIDITY: '1h' };
const rounds = 4;

/** A lapsed application of its own for a round, and how to make tokens for it. */
async function lapsedIn(gateway: TestGateway, url: string, round: number) {
  const lapsed = await pair(gateway, `app-${String(round)}`);
  lapse(gateway);
  const database = { EVERLEAF_DATABASE_URL: url, EVERLEAF_MASTER_KEY_FILE: '/not/needed' };
  const makeToken = () => recoverToken(gateway, lapsed.application, database);
  return { lapsed, makeToken };
}

function askInfo(gateway: TestGateway, token: string) {
  return call(gateway, 'get', `/v1/applications/signingRequests/info?token=${token}`);
}

function expectOneWinner(answers: readonly { status: number; body: unknown }[]): void {
  const losers = answers.filter(({ status }) => status !== 200 && status !== 201);
  expect(losers).toHaveLength(answers.length - 1);
  for (const { body } of losers) {
    expect(body).toMatchObject({ code: 403, error: 'Invalid token.', reason: 'token-used' });
  }
}

/** The certificate that followed a lapsed one, if any did. */
async function backOf(gateway: TestGateway, lapsed: Holder) {
  return successorsOf(gateway, lapsed.sha256);
}

describeOnEachDatabase(
  'a lapsed line that 20 requests bring back at once on two replicas',
  (fresh) => {
    it('HI-R4: comes back once by one token', async () => {
      const { url } = await fresh();
      const replicas = await startReplicas(url, hour);

      for (let round = 1; round <= rounds; round += 1) {
        const { lapsed, makeToken } = await lapsedIn(replicas[0], url, round);
        const token = await makeToken();
        expectOneWinner(await atOnce(replicas, 20, (gateway) => recover(gateway, lapsed, token)));
        expect(await backOf(replicas[0], lapsed)).toHaveLength(1);
        expect(await eventsOf(replicas[0], 'certificate.recovered')).toHaveLength(round);
      }
    });

    it('HI-R4: comes back once by two tokens and the one out of an info document', async () => {
      const { url } = await fresh();
      const replicas = await startReplicas(url, hour);

      for (let round = 1; round <= rounds; round += 1) {
        const { lapsed, makeToken } = await lapsedIn(replicas[0], url, round);
        const { body } = await askInfo(replicas[1], await makeToken()).expect(200);
        const tokens = [await makeToken(), await makeToken(), String(body.csrUrl).slice(-88)];
        expectOneWinner(
          await atOnce(replicas, 20, (gateway, turn) =>
            recover(gateway, lapsed, tokens[(turn >> 1) % 3] ?? ''),
          ),
        );
        expect(await backOf(replicas[0], lapsed)).toHaveLength(1);
      }
    });

    it('HI-R4: gives either one certificate or one info document for one token', async () => {
      const { url } = await fresh();
      const replicas = await startReplicas(url, hour);

      for (let round = 1; round <= rounds; round += 1) {
        const { lapsed, makeToken } = await lapsedIn(replicas[0], url, round);
        const token = await makeToken();
        expectOneWinner(
          await atOnce(replicas, 20, (gateway, turn) =>
            turn % 4 < 2 ? askInfo(gateway, token) : recover(gateway, lapsed, token),
          ),
        );
        const used = await eventsOf(replicas[0], 'certificate.recovered', 'token.exchanged');
        expect(used).toHaveLength(round);
      }
    });
  },
);

describeOnEachDatabase('recovery against revocation', (fresh) => {
  it('HI-R3: is refused, or on record before the revocation', async () => {
    const { url } = await fresh();
    const replicas = await startReplicas(url, hour);

    for (let round = 0; round < 6; round += 1) {
      const { lapsed, makeToken } = await lapsedIn(replicas[0], url, round);
      const token = await makeToken();
      const answers = await atOnce(replicas, 7, (gateway, turn) =>
        turn === round
          ? revokeByHash(replicas[0], lapsed.sha256, 'superseded')
          : recover(gateway, lapsed, token),
      );
      const won = answers.filter(({ status }, turn) => turn !== round && status === 201);
      expect(answers[round]?.status).toBe(201);
      expect(won.length).toBeLessThanOrEqual(1);
      expect(await backOf(replicas[0], lapsed)).toHaveLength(won.length);
    }
    const events = await eventsOf(replicas[0], 'certificate.recovered', 'certificate.revoked');
    for (const revocation of events.filter(({ action }) => action === 'certificate.revoked')) {
      const after = events.filter(
        ({ id, holder }) => holder === revocation.holder && id > revocation.id,
      );
      expect(after).toEqual([]);
    }
  });

  it('HI-R3: leaves nothing valid behind when the key of the line was compromised', async () => {
    const { url } = await fresh();
    const replicas = await startReplicas(url, hour);

    for (let round = 0; round < 6; round += 1) {
      const { lapsed, makeToken } = await lapsedIn(replicas[0], url, round);
      const token = await makeToken();
      await atOnce(replicas, 7, (gateway, turn) =>
        turn === round
          ? revokeByHash(replicas[0], lapsed.sha256, 'keyCompromise').expect(201)
          : recover(gateway, lapsed, token, turn % 2 === 0 ? { key: lapsed.key } : {}),
      );
      const line = (await recordedCertificates(replicas[0])).filter(
        (one) => one.line === lapsed.sha256,
      );
      expect(line.filter(({ revoked_at }) => revoked_at === null)).toEqual([]);
    }
  });

  it('HI-R2: what came back is renewed by many at once as any other', async () => {
    const { url } = await fresh();
    const replicas = await startReplicas(url, hour);
    const { lapsed, makeToken } = await lapsedIn(replicas[0], url, 0);
    await recover(replicas[0], lapsed, await makeToken(), { key: lapsed.key }).expect(201);
    const [back] = await backOf(replicas[0], lapsed);
    const certPem = `-----BEGIN CERTIFICATE-----\n${String(back?.der)}\n-----END CERTIFICATE-----\n`;
    const holder = { ...lapsed, certPem, sha256: String(back?.sha256) };

    const answers = await atOnce(replicas, 10, (gateway) =>
      renew(gateway, holder, { key: makeKey('prime256v1') }),
    );

    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(201));
  });
});
