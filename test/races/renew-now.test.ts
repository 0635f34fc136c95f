import { expect, it } from '@jest/globals';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { callAsUser } from '../support/people.js';
import { describeOnEachDatabase } from '../support/databases.js';
import type { TestGateway } from '../support/gateway.js';
import { eventsOf, recordedCertificates } from '../support/record.js';
import { atOnce, startReplicas } from '../support/replicas.js';
import { makeKey, makeRequest } from '../support/requests.js';
import { openService, servicePath } from '../support/services.js';
import type { ShownUser } from '../support/services.js';

const userPath = `${servicePath}/user/avnadmin`;
const renewals = `${userPath}/renewals`;

const csrOf = (key: ReturnType<typeof makeKey>) =>
  Buffer.from(makeRequest({ key, subject: [] }).pem).toString('base64');

describeOnEachDatabase('renewals that are asked for at once', (fresh) => {
  async function open() {
    const replicas = await startReplicas((await fresh()).url);
    const house = await openService(replicas[0]);
    const as = (gateway: TestGateway, method: 'post' | 'put', path: string, body: object = {}) =>
      callAsUser(gateway, house.root, method, path).send(body);
    const madeIn = () => eventsOf(replicas[0], 'service-user.renewed');
    return { replicas, as, madeIn, user: house.user };
  }

  it('SU-R4: make one pair of ten orders and a pass, whoever is first, and one of each order again', async () => {
    const { replicas, as, madeIn } = await open();
    await as(replicas[0], 'post', `${servicePath}/renewals`).expect(202);

    const answers = await atOnce(replicas, 10, async (gateway, turn) => {
      if (turn === 4) await gateway.renewServiceUsers();
      return as(gateway, 'post', renewals);
    });

    const won = answers.filter(({ status }) => status === 200);
    for (const { status } of answers) expect([200, 409]).toContain(status);
    expect(won.length).toBeLessThan(2);
    expect(await madeIn()).toHaveLength(1);

    const again = await atOnce(replicas, 6, (gateway) =>
      as(gateway, 'post', renewals, { again: true }).set('Idempotency-Key', 'one'),
    );
    expect(again.map(({ status }) => status)).toEqual(Array<number>(6).fill(200));
    expect(await madeIn()).toHaveLength(2);
    const certificates = await recordedCertificates(replicas[0], 'service-user');
    expect(certificates).toHaveLength(3);
  });

  it('SU-A7: an acknowledgement counts for the renewal that was read, and revoking the old never takes the present', async () => {
    const { replicas, as, madeIn, user } = await open();
    await as(replicas[0], 'post', renewals).expect(200);

    const answers = await atOnce(replicas, 12, (gateway, turn) => {
      if (turn % 3 === 0) return as(gateway, 'post', renewals, { again: true });
      if (turn % 3 === 1) return as(gateway, 'post', `${servicePath}/acknowledgements`);
      return as(gateway, 'post', `${userPath}/revocations`);
    });

    for (const { status } of answers) expect([200, 409]).toContain(status);
    const acknowledged = await eventsOf(replicas[0], 'service-user.acknowledged');
    expect(acknowledged.length).toBeLessThanOrEqual((await madeIn()).length);
    const present = new X509Certificate((await user('avnadmin')).access_cert);
    const rows = await recordedCertificates(replicas[0], 'service-user');
    const mine = rows.find(({ der }) => Buffer.from(der, 'base64').equals(present.raw));
    expect(mine?.revoked_at).toBeNull();
  });

  it('SU-R6: use one request up once, and never make a key while one waits', async () => {
    const { replicas, as, user } = await open();
    const keys = Array.from({ length: 4 }, () => makeKey('prime256v1'));

    const answers = await atOnce(replicas, 8, (gateway, turn) => {
      const key = keys[turn >> 1];
      if (turn % 2 === 1 || !key) return as(gateway, 'post', renewals, { again: true });
      return as(gateway, 'put', `${userPath}/certificate-request`, { csr: csrOf(key) });
    });
    for (const { status } of answers) expect([200, 409]).toContain(status);

    const now = await user('avnadmin');
    const own = keys.find((key) => isCertified(now, key));
    expect('access_key' in now).toBe(own === undefined);
    const rows = await recordedCertificates(replicas[0], 'service-user');
    const spkis = rows.map(({ spki_sha256 }) => spki_sha256);
    const kept = (await eventsOf(replicas[0], 'service-user.renewed')).filter(({ detail }) =>
      detail.includes('"kept"'),
    );
    expect(spkis.length - new Set(spkis).size).toBe(kept.length);
  });
});

function isCertified({ access_cert }: ShownUser, key: ReturnType<typeof makeKey>): boolean {
  return new X509Certificate(access_cert).publicKey.equals(createPublicKey(key));
}
