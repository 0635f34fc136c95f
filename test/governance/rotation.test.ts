import { expect, it } from '@jest/globals';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describeOnEachDatabase } from '../support/databases.js';
import {
  approvedRotation,
  askForRotation,
  digestFor,
  openGovernance,
  userPath,
} from '../support/governance.js';
import { callAsUser, startOn } from '../support/people.js';
import { eventsOf } from '../support/record.js';

describeOnEachDatabase('a rotation', (fresh) => {
  it('SU-G1, SU-G8, SU-G9: is asked for, approved by another member, and revealed once', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway, rotations, ann, ben, root } = governed;
    const user = async () => (await callAsUser(gateway, root, 'get', userPath)).body.user;
    const old = await user();

    const path = await askForRotation(governed);
    const digest = await digestFor(governed, path);
    const approved = await rotations(ben, 'post', `${path}/approve`, { digest }).expect(200);

    expect(approved.body.rotation).toMatchObject({
      state: 'approved',
      credentials_state: 'waiting',
    });
    expect(await user()).toEqual(old);
    const revealed = await rotations(ann, 'post', `${path}/reveal`).expect(200);
    expect(revealed.headers['cache-control']).toBe('no-store');
    const { credentials, files } = revealed.body;
    const certificate = new X509Certificate(credentials.access_cert);
    expect(certificate.checkPrivateKey(createPrivateKey(credentials.access_key))).toBe(true);
    expect(credentials.access_cert).not.toBe(old.access_cert);
    expect(credentials.password).not.toBe(old.password);
    expect(files.map(({ name }: { name: string }) => name)).toContain('client.keystore.p12');
    const again = await rotations(ann, 'post', `${path}/reveal`);
    expect(again.status).toBe(410);
    const now = await user();
    expect(JSON.stringify(now)).not.toContain('PRIVATE KEY');
    expect(now.access_cert).toBeUndefined();
    const actions = ['rotation.requested', 'rotation.approved', 'rotation.provided'];
    const events = await eventsOf(gateway, ...actions, 'rotation.revealed');
    expect(events.map(({ action, actor }) => [action, actor])).toEqual([
      ['rotation.requested', 'user:ann@example.com'],
      ['rotation.approved', 'user:ben@example.com'],
      ['rotation.provided', 'user:ben@example.com'],
      ['rotation.revealed', 'user:ann@example.com'],
    ]);
    await approvedRotation(governed);
  });
});
