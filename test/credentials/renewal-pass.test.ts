import { describe, expect, it } from '@jest/globals';
import { createPrivateKey } from 'node:crypto';
import { describeOnEachDatabase } from '../support/databases.js';
import { eventsOf, recordedCertificates, successorsOf } from '../support/record.js';
import { announced, certificateOf, day, startServiceHouse } from '../support/service-users.js';

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
});
