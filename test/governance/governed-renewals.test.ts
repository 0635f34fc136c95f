import { expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { describeOnEachDatabase } from '../support/databases.js';
import { userPath } from '../support/governance.js';
import { openGovernedUser } from '../support/governed-user.js';
import type { GovernedUser } from '../support/governed-user.js';
import { expectRefusal } from '../support/people.js';
import { eventsOf } from '../support/record.js';
import { asHolder, filesIn } from '../support/service-user-holder.js';
import { servicePath, sha256Of } from '../support/services.js';
import { day } from '../support/service-users.js';

/** The periodic pass when the certificate in use is due. */
async function passWhenDue({ gateway, stored }: GovernedUser): Promise<void> {
  const { pair } = await stored();
  gateway.clock.advance((pair?.notAfter ?? 0) - gateway.clock.now() - 90 * day);
  await gateway.renewServiceUsers();
}

async function isRevoked({ gateway }: GovernedUser, sha256: string): Promise<boolean> {
  const row = await gateway.database.db
    .selectFrom('certificates')
    .select('revoked_at')
    .where('sha256', '=', sha256)
    .executeTakeFirstOrThrow();
  return row.revoked_at !== null;
}

/** That nobody gets the present pair, whatever they call. */
async function expectWithheld(house: GovernedUser, remedy: string): Promise<void> {
  const { asRoot, shown } = house;
  const user = await shown();
  expect(user).toMatchObject({ password: null });
  expect(user).not.toHaveProperty('access_cert');
  expect(user).not.toHaveProperty('access_key');
  const download = await asRoot('get', `${userPath}/credentials`);
  expectRefusal(download, 409, 'state-conflict');
  expect(download.body.message).toContain(remedy);
}

describeOnEachDatabase('the renewal of a user that an access owns', (fresh) => {
  it('SU-G8: makes a pair with a new key each time, which a rotation alone replaces', async () => {
    const house = await openGovernedUser(await fresh());
    const { gateway, access, stored, shown, asRoot, old } = house;
    await asRoot('put', `${userPath}/self_service`, { enabled: true }).expect(200);
    const before = await stored();

    await passWhenDue(house);

    const renewed = await stored();
    expect(renewed).toMatchObject({
      isWithheld: true,
      sealedPassword: before.sealedPassword,
      pending: { oldSha256: before.pair?.sha256, oldNotAfter: before.pair?.notAfter },
    });
    expect(renewed.pair?.sealedKey).toEqual(expect.any(String));
    await expectWithheld(house, access);
    const ends = [
      (await shown()).access_cert_not_valid_after_time,
      (await shown()).expiring_cert_not_valid_after_time,
    ];
    expect(ends.map((end) => Date.parse(end ?? '') / 1000)).toEqual([
      renewed.pair?.notAfter,
      before.pair?.notAfter,
    ]);
    const { me, acknowledge, fetch } = asHolder(gateway);
    for (const answer of [await acknowledge(old), await fetch(old)]) {
      expect(answer.status).toBe(409);
      expect(answer.text).toContain(`everleaf rotation request ${access}`);
    }
    expect((await me(old).expect(200)).body).toMatchObject({
      next: 'ask',
      pending_renewal: {},
      message: expect.stringContaining(access),
    });
    const { body } = await asRoot('get', '/v1/project/p1/expiries?within=90d').expect(200);
    const mine = { username: 'orders', governance_access_id: access, to_act: 'owners' };
    expect(body.expiries).toContainEqual(
      expect.objectContaining({
        ...mine,
        state: 'pending',
        advice: expect.stringContaining(access),
      }),
    );
    const reset = await asRoot('put', `${userPath}/credentials/reset`);
    expectRefusal(reset, 409, 'state-conflict');

    const revealed = await house.reveal();

    expect(await stored()).toMatchObject({ isWithheld: true, pending: undefined });
    expect(await isRevoked(house, renewed.pair?.sha256 ?? '')).toBe(true);
    expect(await isRevoked(house, before.pair?.sha256 ?? '')).toBe(false);
    expect((await me(revealed).expect(200)).body).toMatchObject({ next: 'none' });

    await passWhenDue(house);

    const second = await stored();
    expect(second.pair?.sealedKey).toEqual(expect.any(String));
    expect(second.pending?.oldSha256).toBe(sha256Of(revealed.certPem));
    await asRoot('put', userPath, { operation: 'acknowledge-renewal' }).expect(200);
    expect(await stored()).toEqual({ ...second, pending: undefined });
    await expectWithheld(house, access);
    await passWhenDue(house);
    expect((await stored()).pending?.oldSha256).toBe(second.pair?.sha256);
    const events = await eventsOf(gateway, 'service-user.renewed');
    const keys = events.filter(({ detail }) => detail.includes('orders'));
    expect(keys.filter(({ detail }) => detail.includes('"key":"made"'))).toHaveLength(3);
  });

  it('SU-G8: comes between approval and reveal, or before a lapse, and changes nothing of either', async () => {
    const house = await openGovernedUser(await fresh());
    const { gateway, stored, rotations, ann } = house;
    const before = await stored();
    gateway.clock.advance(729 * day);
    const lapsing = await house.approve();
    gateway.clock.advance(2 * day);
    await gateway.renewServiceUsers();
    const renewed = await stored();
    expect(renewed.pair?.sha256).not.toBe(before.pair?.sha256);
    gateway.clock.advance(6 * day);
    await gateway.tendRotations();
    expectRefusal(await rotations(ann, 'post', `${lapsing}/reveal`), 410, 'handed-out-already');
    expect(await stored()).toEqual(renewed);

    const path = await house.approve({ message: 'again', revoke_old: 'at_once' });
    gateway.clock.advance(1);
    const revealed = await house.reveal(path);

    expect((await stored()).pair?.sha256).toBe(sha256Of(revealed.certPem));
    for (const { pair } of [before, renewed])
      expect(await isRevoked(house, pair?.sha256 ?? '')).toBe(true);
    const { me } = asHolder(gateway);
    expect((await me(revealed).expect(200)).body).toMatchObject({ is_current: true });
  });

  it('SU-G8: keeps the end of the certificate in use before all eyes while nobody has a later one', async () => {
    const house = await openGovernedUser(await fresh());
    const { gateway, asRoot, stored } = house;
    const before = await stored();
    await passWhenDue(house);
    const settings = { certificate_validity: '100d', renew_before: '99d' };
    await asRoot('put', servicePath, settings).expect(200);
    const { pair } = await stored();
    await gateway.database.db
      .updateTable('service_users')
      .set({ not_after: gateway.clock.now() + 95 * day })
      .where('certificate_sha256', '=', pair?.sha256 ?? '')
      .execute();

    await gateway.renewServiceUsers();

    const again = await stored();
    expect(again.pair?.sha256).not.toBe(pair?.sha256);
    expect(again.pending).toMatchObject({
      oldSha256: before.pair?.sha256,
      oldNotAfter: before.pair?.notAfter,
    });
  });

  it('SU-G8: shows credentials again after the access is deleted, from the next renewal or reset on', async () => {
    const house = await openGovernedUser(await fresh());
    const { gateway, asRoot, stored, shown } = house;
    const revealed = await house.reveal();
    await house.release();
    expect(await stored()).toMatchObject({ accessId: null, isWithheld: true });
    await expectWithheld(house, 'everleaf user reset');

    const renewal = await asRoot('post', `${userPath}/renewals`).expect(200);

    expect(renewal.body.user).toEqual(await shown());
    const { access_cert, access_key, password } = await shown();
    expect([access_key, password]).toEqual([undefined, null]);
    const after = new X509Certificate(access_cert ?? '');
    const before = new X509Certificate(revealed.certPem);
    expect(after.publicKey.equals(before.publicKey)).toBe(true);
    const { body } = await asRoot('get', `${userPath}/credentials`).expect(200);
    expect(Object.keys(filesIn(body))).toEqual(['ca.pem', 'service.cert']);
    const { me, acknowledge } = asHolder(gateway);
    const kept = { certPem: access_cert ?? '', keyPem: revealed.keyPem };
    expect((await me(kept).expect(200)).body).toMatchObject({ next: 'acknowledge' });
    expect((await acknowledge(kept).expect(200)).body).toMatchObject({ acknowledged: true });
    await asRoot('put', `${userPath}/credentials/reset`).expect(200);
    expect(await shown()).toMatchObject({
      password: expect.any(String),
      access_key: expect.stringContaining('PRIVATE KEY'),
    });
  });

  it('SU-G8: leaves what it made withheld after the access is deleted, until a reset', async () => {
    const house = await openGovernedUser(await fresh());
    const { gateway, asRoot, shown, stored, old } = house;
    await asRoot('put', `${userPath}/self_service`, { enabled: true }).expect(200);
    await passWhenDue(house);
    await house.release();
    await expectWithheld(house, 'everleaf user reset');
    const { me, fetch } = asHolder(gateway);
    expect((await fetch(old)).status).toBe(409);
    expect((await me(old).expect(200)).body).toMatchObject({
      next: 'ask',
      message: expect.stringContaining('everleaf user reset'),
    });
    const unseen = await stored();

    await asRoot('post', `${userPath}/renewals`, { again: true }).expect(200);

    const renewed = await stored();
    expect(renewed).toMatchObject({
      isWithheld: false,
      pending: { oldSha256: unseen.pending?.oldSha256 },
    });
    expect(await shown()).toHaveProperty('access_key');
    expect((await fetch(old)).status).toBe(200);
  });

  it('SU-G8: leaves a password alone where the service has no certificates, and a reset shows it again', async () => {
    const house = await openGovernedUser(await fresh());
    const { asRoot, shown } = house;
    await house.reveal();
    const userConfig = { kafka_authentication_methods: { certificate: false, sasl: true } };
    await asRoot('put', servicePath, { user_config: userConfig }).expect(200);
    expectRefusal(await asRoot('put', `${userPath}/credentials/reset`), 409, 'state-conflict');
    await house.release();
    await asRoot('put', `${userPath}/credentials/reset`).expect(200);
    expect((await shown()).password).toEqual(expect.any(String));
  });
});
