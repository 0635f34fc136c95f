import { expect, it } from '@jest/globals';
import { createPrivateKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { ServiceUser } from '../../src/credentials/service-user.js';
import { encodePem } from '../../src/pki/pem.js';
import { announced, takeAnnounced } from '../support/announced.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { temporaryHome } from '../support/gateway.js';
import { eventsOf, recordedCertificates, successorsOf } from '../support/record.js';
import { run } from '../support/run.js';
import { certificateOf, day, startServiceHouse } from '../support/service-users.js';
import type { ServiceHouse } from '../support/service-users.js';

describeOnEachDatabase('the renewal of service users', (fresh) => {
  it('SU-R2: leaves a certificate alone until its end is 90 days away', async () => {
    const house = await startServiceHouse(await fresh());
    await house.addService();
    const before = await house.addUser('app');
    house.gateway.clock.advance(730 * day - 1);

    await house.pass();

    expect(await house.find('app')).toEqual(before);
    expect(await recordedCertificates(house.gateway, 'service-user')).toHaveLength(1);
  });

  it('SU-R3: makes a new key and certificate of the same subject and signer then, the password stays', async () => {
    const house = await startServiceHouse(await fresh());
    await house.addService();
    const before = await house.addUser('app');
    house.gateway.clock.advance(730 * day);
    const now = house.gateway.clock.now();

    await house.pass();

    const after = await house.find('app');
    const [old, renewed] = [certificateOf(before), certificateOf(after)];
    expect(renewed.subject).toBe(old.subject);
    expect(renewed.issuer).toBe(old.issuer);
    expect(renewed.publicKey.equals(old.publicKey)).toBe(false);
    const key = house.secrets.openKey(after.pair?.sealedKey ?? '', after.id);
    expect(renewed.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(after.pair?.notAfter).toBe(now + 820 * day);
    expect(Date.parse(renewed.validTo) / 1000).toBe(now + 820 * day);
    expect(after.pending).toMatchObject({
      renewedAt: now,
      oldSha256: before.pair?.sha256,
      oldNotAfter: before.pair?.notAfter,
    });
    expect(after.sealedPassword).toBe(before.sealedPassword);
    expect(await eventsOf(house.gateway, 'service-user.renewed')).toEqual([
      expect.objectContaining({
        actor: 'gateway',
        project: 'p1',
        service: 'kafka-1',
        certificate: after.pair?.sha256,
      }),
    ]);
    expect(house.gateway.logs.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('SU-R4: a second pass, and one after a restart, makes no other pair', async () => {
    const house = await startServiceHouse(await fresh());
    await house.addService();
    const before = await house.addUser('app');
    house.gateway.clock.advance(730 * day);
    await house.pass();
    const after = await house.find('app');

    await house.pass();
    const again = await house.gateway.restart();
    await again.renewServiceUsers();

    const [successor, ...others] = await successorsOf(again, before.pair?.sha256 ?? '');
    expect(successor?.sha256).toBe(after.pair?.sha256);
    expect(others).toEqual([]);
    expect(await recordedCertificates(again, 'service-user')).toHaveLength(2);
  });

  it('SU-R5: the old certificate stays good to its own end under the same name, the new one from the start', async () => {
    const house = await startServiceHouse(await fresh());
    await house.addService();
    const old = await house.addUser('app');
    const issuedAt = house.gateway.clock.now();
    house.gateway.clock.advance(730 * day);
    await house.pass();
    const renewed = await house.find('app');

    const verify = await verifierOf(house);
    expect(certificateOf(renewed).subject).toBe(certificateOf(old).subject);
    expect(await verify(old, issuedAt + 820 * day - 1)).toContain('OK');
    expect(await verify(old, issuedAt + 820 * day + 1)).toContain('certificate has expired');
    expect(await verify(renewed, issuedAt + 730 * day)).toContain('OK');
    expect(await verify(renewed, issuedAt + 1550 * day - 1)).toContain('OK');
    const recorded = await recordedCertificates(house.gateway, 'service-user');
    expect(recorded.map(({ revoked_at }) => revoked_at)).toEqual([null, null]);
  });

  it('SU-R6: whoever reads while a pass runs finds a certificate with its own key', async () => {
    const house = await startServiceHouse(await fresh());
    await house.addService();
    const names = Array.from({ length: 30 }, (_, index) => `app-${String(index)}`);
    await Promise.all(names.map((name) => house.addUser(name)));
    house.gateway.clock.advance(730 * day);

    const progress = { isOver: false };
    const passed = house.pass().finally(() => (progress.isOver = true));
    let pairs = 0;
    do {
      for (const name of names) {
        const user = await house.find(name);
        const key = createPrivateKey(house.secrets.openKey(user.pair?.sealedKey ?? '', user.id));
        expect(certificateOf(user).checkPrivateKey(key)).toBe(true);
        pairs += 1;
        await setImmediate(); // SQLite answers at once: the pass needs its turns
      }
    } while (!progress.isOver);
    await passed;

    expect(pairs).toBeGreaterThanOrEqual(30);
    for (const name of names) expect((await house.find(name)).pending).toBeDefined();
  });

  it('SU-R7: of a service without certificate authentication nothing is renewed or told until it has it again', async () => {
    const house = await startServiceHouse(await fresh());
    await house.addService();
    await house.addMember('admin');
    const before = await house.addUser('app');
    await house.changeService({
      userConfig: { kafka_authentication_methods: { certificate: false, sasl: true } },
    });
    house.gateway.clock.advance(760 * day);
    await house.pass();
    expect(await house.find('app')).toEqual(before);
    expect(await announced(house.gateway)).toEqual([]);

    await house.changeService({ userConfig: {} });
    await house.pass();
    expect((await house.find('app')).pending).toBeDefined();
    expect(await announced(house.gateway)).toHaveLength(1);
  });

  it('SU-R8: of a service without power nothing is renewed or told until it has it again', async () => {
    const house = await startServiceHouse(await fresh());
    await house.addService();
    await house.addMember('admin');
    const before = await house.addUser('app');
    await house.changeService({ isPowered: false });
    house.gateway.clock.advance(900 * day);
    await house.pass();
    expect(await house.find('app')).toEqual(before);
    expect(await announced(house.gateway)).toEqual([]);

    await house.changeService({ isPowered: true });
    await house.pass();
    expect((await house.find('app')).pair?.notAfter).toBe(house.gateway.clock.now() + 820 * day);
    expect(await announced(house.gateway)).toEqual([
      'certificate-renewed p1/kafka-1 app -> mail admin@example.com',
    ]);
  });

  it.each([
    ['deleted', (house: ServiceHouse) => removeUser(house, 'app')],
    ['without power', (house: ServiceHouse) => house.changeService({ isPowered: false })],
    [
      'without certificates',
      (house: ServiceHouse) =>
        house.changeService({
          userConfig: { kafka_authentication_methods: { certificate: false } },
        }),
    ],
    ['revoked', revokeAll],
  ] as const)('SU-R8: what is %s after it was read is not renewed', async (_, change) => {
    const house = await startServiceHouse(await fresh());
    await house.addService();
    await house.addUser('app');
    house.gateway.clock.advance(730 * day);
    const now = house.gateway.clock.now();
    const defaults = { validitySeconds: 820 * day, renewBeforeSeconds: 90 * day };
    const [due] = await house.dueUsers.findDue({ now, defaults, after: undefined, limit: 9 });
    if (!due) throw new Error('nobody is due');
    const isStillDue = (trx: Parameters<typeof house.dueUsers.isStillDue>[1]) =>
      house.dueUsers.isStillDue(due.user, trx);

    await change(house);
    const order = { user: due.user, validitySeconds: 1, actor: 'gateway', isStillDue };
    await expect(house.renew(order)).rejects.toMatchObject({ kind: 'state-conflict' });

    expect(await recordedCertificates(house.gateway, 'service-user')).toHaveLength(1);
    await house.pass();
    expect(await recordedCertificates(house.gateway, 'service-user')).toHaveLength(1);
  });

  it('SU-R9: renews again what nobody acknowledged, and that renewal is the pending one', async () => {
    const house = await startServiceHouse(await fresh());
    await house.addService();
    await house.addMember('admin');
    const first = await house.addUser('app');
    house.gateway.clock.advance(730 * day);
    await house.pass();
    const second = await house.find('app');
    house.gateway.clock.advance(730 * day - 1);
    await house.pass();
    expect((await house.find('app')).pair).toEqual(second.pair);
    await takeAnnounced(house.gateway);

    house.gateway.clock.advance(1);
    await house.pass();

    const third = await house.find('app');
    expect(third.pending).toMatchObject({
      oldSha256: second.pair?.sha256,
      oldNotAfter: second.pair?.notAfter,
    });
    expect(third.pending?.id).not.toBe(second.pending?.id);
    expect(await house.acknowledge(second)).toBe(false);
    expect(await house.acknowledge(third)).toBe(true);
    expect(await announced(house.gateway)).toEqual([
      'certificate-renewed p1/kafka-1 app -> mail admin@example.com',
    ]);
    const lines = (await recordedCertificates(house.gateway, 'service-user')).map(
      ({ line }) => line,
    );
    expect(new Set(lines)).toEqual(new Set([first.pair?.sha256]));
  });

  it('takes validity and lead of the service before those of the project and the gateway', async () => {
    const house = await startServiceHouse(await fresh());
    await house.addProject('p2', { renewBeforeSeconds: 400 * day });
    await house.addService({}, 'p2');
    await house.addService(
      { name: 'kafka-2', renewBeforeSeconds: day, validitySeconds: 2 * day },
      'p2',
    );
    await house.addUser('early', { project: 'p2' });
    await house.addUser('late', { project: 'p2', service: 'kafka-2' });
    house.gateway.clock.advance(420 * day);
    await house.pass();
    const late = { project: 'p2', service: 'kafka-2' };
    expect((await house.find('early', { project: 'p2' })).pending).toBeDefined();
    expect((await house.find('late', late)).pending).toBeUndefined();

    house.gateway.clock.advance(399 * day);
    await house.pass();
    const { pair } = await house.find('late', late);
    expect(pair?.notAfter).toBe(house.gateway.clock.now() + 2 * day);
  });

  it('makes RSA keys of 3072 bits unless another type is set', async () => {
    const settings = { EVERLEAF_SERVICE_USER_KEY_TYPE: '' };
    const house = await startServiceHouse(await fresh(), { settings });
    await house.addService();
    await house.addUser('app');
    house.gateway.clock.advance(730 * day);
    await house.pass();
    const { publicKey } = certificateOf(await house.find('app'));
    expect(publicKey.asymmetricKeyType).toBe('rsa');
    expect(publicKey.asymmetricKeyDetails?.modulusLength).toBe(3072);
  });

  it('waits, and says so once an hour, where the authority has no more time to give', async () => {
    const house = await startServiceHouse(await fresh());
    await house.addProject('p2', { authoritySeconds: 100 * day });
    await house.addService({}, 'p2');
    const before = await house.addUser('app', { project: 'p2' });
    expect(before.pair?.notAfter).toBe(house.gateway.clock.now() + 100 * day);
    house.gateway.clock.advance(20 * day);

    await house.pass();
    await house.pass();

    expect(await house.find('app', { project: 'p2' })).toEqual(before);
    const told = house.gateway.logs.filter(({ message }) =>
      message.includes('wait for an authority'),
    );
    expect(told).toEqual([expect.objectContaining({ level: 'warn', users: 1 })]);
  });

  it('renews everybody else where a project cannot sign', async () => {
    const house = await startServiceHouse(await fresh());
    await house.addProject('p2');
    await house.addService();
    await house.addService({}, 'p2');
    await house.addUser('lost', { project: 'p2' });
    await house.addUser('app');
    const { db } = house.gateway.database;
    await db
      .updateTable('authorities')
      .set({ sealed_key: null })
      .where('purpose', '=', 'project:p2')
      .execute();
    house.gateway.clock.advance(730 * day);

    await house.pass();

    expect((await house.find('app')).pending).toBeDefined();
    expect((await house.find('lost', { project: 'p2' })).pending).toBeUndefined();
    expect(house.gateway.logs).toContainEqual(
      expect.objectContaining({ message: 'a service user was not renewed', project: 'p2' }),
    );
  });
});

async function removeUser({ gateway, find }: ServiceHouse, username: string): Promise<void> {
  const { id } = await find(username);
  await gateway.database.db.deleteFrom('service_users').where('id', '=', id).execute();
}

async function revokeAll({ gateway }: ServiceHouse): Promise<void> {
  await gateway.database.db
    .updateTable('certificates')
    .set({ revoked_at: gateway.clock.now(), revocation_reason: 'superseded' })
    .where('kind', '=', 'service-user')
    .execute();
}

/** `openssl verify` against the authority of `p1`, as a broker would at that second. */
async function verifierOf({ gateway }: ServiceHouse) {
  const { certificate } = await gateway.database.db
    .selectFrom('authorities')
    .select('certificate')
    .where('purpose', '=', 'project:p1')
    .executeTakeFirstOrThrow();
  const folder = temporaryHome();
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, encodePem('CERTIFICATE', Buffer.from(certificate, 'base64')));
  return async (user: ServiceUser, at: number): Promise<string> => {
    const file = join(folder, 'user.pem');
    writeFileSync(file, certificateOf(user).toString());
    const purpose = ['-purpose', 'sslclient', '-attime', String(at)];
    const ended = await run(['openssl', 'verify', ...purpose, '-CAfile', caFile, file]);
    return ended.stdout + ended.stderr;
  };
}
