import { expect, it } from '@jest/globals';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { callAsUser } from '../support/people.js';
import { describeOnEachDatabase } from '../support/databases.js';
import type { TestGateway } from '../support/gateway.js';
import { eventsOf, recordedCertificates } from '../support/record.js';
import { atOnce, startReplicas } from '../support/replicas.js';
import {
  authoritiesOf,
  newKafka,
  openService,
  prepareAuthority,
  renewUser,
  servicePath,
} from '../support/services.js';
import type { ServiceHouse, ShownUser } from '../support/services.js';

const statusesOf = (answers: readonly { readonly status: number }[]) =>
  answers.map(({ status }) => status).sort();
const userPath = `${servicePath}/user/avnadmin`;
const reset = { operation: 'reset-credentials' };

function asRootAt(house: ServiceHouse) {
  return (
    gateway: TestGateway,
    method: 'get' | 'post' | 'put' | 'delete',
    path: string,
    body?: object,
  ) => {
    const call = callAsUser(gateway, house.root, method, path);
    return body === undefined ? call : call.send(body);
  };
}

function fits({ access_cert, access_key }: ShownUser): boolean {
  return new X509Certificate(access_cert).checkPrivateKey(createPrivateKey(access_key));
}

describeOnEachDatabase('service users on two replicas', (fresh) => {
  it('are made once of ten creations at once, and so is a service', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const as = asRootAt(await openService(replicas[0]));

    const users = await atOnce(replicas, 10, (gateway) =>
      as(gateway, 'post', `${servicePath}/user`, { username: 'app' }),
    );
    const services = await atOnce(replicas, 10, (gateway) =>
      as(gateway, 'post', '/v1/project/p1/service', { ...newKafka, service_name: 'kafka-2' }),
    );

    expect(statusesOf(users)).toEqual([200, ...Array<number>(9).fill(409)]);
    expect(statusesOf(services)).toEqual([200, ...Array<number>(9).fill(409)]);
    expect(await recordedCertificates(replicas[0], 'service-user')).toHaveLength(3);
    expect(await eventsOf(replicas[0], 'service.created')).toHaveLength(2);
  });

  it('have one authority, whoever needs it first', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const house = await openService(replicas[0]);
    const as = asRootAt(house);
    const { db } = replicas[0].database;
    await db.deleteFrom('authorities').where('purpose', '=', 'project:p1').execute();

    const answers = await atOnce(replicas, 8, (gateway) =>
      as(gateway, 'get', '/v1/project/p1/kms/ca'),
    );

    expect(new Set(answers.map(({ body }) => String(body.certificate))).size).toBe(1);
    expect(await authoritiesOf(replicas[0], 'p1')).toHaveLength(1);
  });

  it('SU-P3: are rotated once by ten deliveries of one reset at once', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const house = await openService(replicas[0]);
    const as = asRootAt(house);

    const answers = await atOnce(replicas, 10, (gateway) =>
      as(gateway, 'put', userPath, reset).set('Idempotency-Key', 'one'),
    );

    expect(statusesOf(answers)).toEqual(Array<number>(10).fill(200));
    const now = await house.user('avnadmin');
    for (const { body } of answers) expect(body.service.users).toEqual([now]);
    expect(await eventsOf(replicas[0], 'service-user.reset')).toHaveLength(1);
    expect(await recordedCertificates(replicas[0], 'service-user')).toHaveLength(2);
  });

  it('SU-R6: show pairs that fit while they are reset and renewed', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const house = await openService(replicas[0]);
    const as = asRootAt(house);

    const answers = await atOnce(replicas, 24, async (gateway, turn) => {
      if (turn % 6 === 0) return as(gateway, 'put', userPath, reset);
      if (turn === 7) await renewUser(gateway, 'avnadmin').catch(() => undefined);
      return as(gateway, 'get', turn % 2 === 0 ? userPath : servicePath);
    });

    const shown = answers.flatMap(
      ({ body }) => (body.user ?? body.service?.users ?? []) as ShownUser,
    );
    expect(shown.length).toBeGreaterThan(19);
    for (const user of shown) expect(fits(user)).toBe(true);
    for (const { status } of answers) expect([200, 409]).toContain(status);
    const made = answers.filter((_, turn) => turn % 6 === 0).filter(({ status }) => status === 200);
    expect(await eventsOf(replicas[0], 'service-user.reset')).toHaveLength(made.length);
    // Of those who read the same pair one wins, and that may be the renewal.
    const renewals = await eventsOf(replicas[0], 'service-user.renewed');
    expect(made.length + renewals.length).toBeGreaterThan(0);
    const certificates = await recordedCertificates(replicas[0], 'service-user');
    expect(certificates).toHaveLength(1 + made.length + renewals.length);
  });

  it('SU-A7: are acknowledged for the renewal that was read, once', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const house = await openService(replicas[0]);
    const as = asRootAt(house);
    await renewUser(replicas[0], 'avnadmin');

    const answers = await atOnce(replicas, 10, async (gateway, turn) => {
      if (turn === 3) await renewUser(gateway, 'avnadmin').catch(() => undefined);
      return as(gateway, 'put', userPath, { operation: 'acknowledge-renewal' });
    });

    expect(statusesOf(answers)).toEqual(Array<number>(10).fill(200));
    const renewals = await eventsOf(replicas[0], 'service-user.renewed');
    const acknowledged = await eventsOf(replicas[0], 'service-user.acknowledged');
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(acknowledged.length).toBeLessThanOrEqual(renewals.length);
  });

  it('that are deleted while they are renewed and reset leave no good certificate behind', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const house = await openService(replicas[0]);
    const as = asRootAt(house);
    const path = `${servicePath}/user/app`;
    for (let round = 0; round < 4; round += 1) {
      await as(replicas[0], 'post', `${servicePath}/user`, { username: 'app' }).expect(200);

      const answers = await atOnce(replicas, 6, async (gateway, turn) => {
        if (turn === 1) await renewUser(gateway, 'app').catch(() => undefined);
        if (turn === 2) return as(gateway, 'delete', path);
        return as(gateway, 'put', path, reset);
      });

      expect(answers[2]?.status).toBe(200);
      for (const { status } of answers) expect([200, 404, 409]).toContain(status);
      const good = (await recordedCertificates(replicas[0], 'service-user')).filter(
        (one) => one.holder === 'p1/kafka-1/app' && one.revoked_at === null,
      );
      expect(good).toEqual([]);
    }
  });

  it('of a service that is deleted while they are made are gone or were not made', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const house = await openService(replicas[0]);
    const as = asRootAt(house);

    const answers = await atOnce(replicas, 8, (gateway, turn) =>
      turn === 4
        ? as(gateway, 'delete', servicePath)
        : as(gateway, 'post', `${servicePath}/user`, { username: `app-${String(turn)}` }),
    );

    expect(answers[4]?.status).toBe(200);
    for (const { status } of answers) expect([200, 404]).toContain(status);
    const { db } = replicas[0].database;
    expect(await db.selectFrom('service_users').selectAll().execute()).toEqual([]);
    const rows = await recordedCertificates(replicas[0], 'service-user');
    expect(rows.filter((one) => one.revoked_at === null)).toEqual([]);
  });

  it('are signed by the active authority on every replica as soon as it is', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const house = await openService(replicas[0]);
    const as = asRootAt(house);
    for (const gateway of replicas) await as(gateway, 'put', userPath, reset).expect(200);
    const next = await prepareAuthority(replicas[0], 'p1');
    await next.activate();
    for (const gateway of replicas) {
      const { body } = await as(gateway, 'put', userPath, reset).expect(200);
      const { access_cert } = body.service.users[0] as ShownUser;
      const signer = new X509Certificate(next.pem).publicKey;
      expect(new X509Certificate(access_cert).verify(signer)).toBe(true);
    }
  });
});
