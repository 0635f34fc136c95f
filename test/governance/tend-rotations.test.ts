import { expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import { startTestGateway, testClock } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import {
  approvedRotation,
  askForRotation,
  digestFor,
  openGovernance,
  userPath,
} from '../support/governance.js';
import type { Governed } from '../support/governance.js';
import { announcedRotations } from '../support/announced.js';
import { addDueRotations, rotationRow } from '../support/due-rotations.js';
import { callAsUser, startOn } from '../support/people.js';
import { caOf, listOf, statusOf } from '../support/project-lists.js';
import { eventsOf, recordedCertificates } from '../support/record.js';
import { replicaSettings } from '../support/replicas.js';
import { sha256Of } from '../support/services.js';

const day = 86_400;

/** SHA-256 of the certificates that are revoked, and that the project's list names. */
async function revokedIn(gateway: TestGateway): Promise<string[]> {
  const rows = await recordedCertificates(gateway, 'service-user');
  const revoked = rows.filter(({ revoked_at }) => revoked_at !== null);
  const list = await listOf(gateway, await caOf(gateway, 'p1'));
  expect(list.serials).toHaveLength(revoked.length);
  return revoked.map(({ sha256 }) => sha256).sort();
}

/** Asks, approves and reveals; SHA-256 of the new certificate. */
async function rotate(governed: Governed, revokeOld: string): Promise<string> {
  const path = await approvedRotation(governed, { message: 'again', revoke_old: revokeOld });
  const { body } = await governed.rotations(governed.ann, 'post', `${path}/reveal`).expect(200);
  return String(body.rotation.certificate_sha256);
}

describeOnEachDatabase('what comes due of a rotation', (fresh) => {
  it('SU-G3: a request lapses after 14 days, and the access is free for the next', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway, rotations, ann, ben } = governed;
    const path = await askForRotation(governed);
    const digest = await digestFor(governed, path);
    const stateNow = async () => (await rotationRow(gateway, path))?.state;

    gateway.clock.advance(14 * day - 1);
    await gateway.tendRotations();
    expect(await stateNow()).toBe('pending');
    gateway.clock.advance(1);
    const late = await rotations(ben, 'post', `${path}/approve`, { digest }).expect(409);
    expect(late.body.message).toContain('lapsed');
    await gateway.database.db.deleteFrom('outbox').execute();
    await gateway.tendRotations();
    await gateway.tendRotations();

    expect(await stateNow()).toBe('lapsed');
    const events = await eventsOf(gateway, 'rotation.lapsed');
    expect(events.map(({ actor }) => actor)).toEqual(['gateway']);
    expect(await announcedRotations(gateway)).toEqual([
      'rotation-lapsed -> ann@example.com',
      'rotation-lapsed -> ben@example.com',
      'rotation-lapsed -> cleo@example.com',
    ]);
    await rotations(ben, 'post', `${path}/approve`, { digest }).expect(409);
    await rotations(ann, 'delete', path).expect(409);
    await askForRotation(governed);
  });

  it('SU-G9: credentials nobody came for are erased after 7 days, and the old work on', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway, rotations, ann, root } = governed;
    const user = async (): Promise<unknown> =>
      (await callAsUser(gateway, root, 'get', userPath)).body.user;
    const old = await user();
    const path = await approvedRotation(governed);
    const { certificate_sha256 } = (await rotationRow(gateway, path)) ?? {};

    gateway.clock.advance(7 * day - 1);
    await gateway.tendRotations();
    expect(await rotationRow(gateway, path)).toMatchObject({ credentials_state: 'waiting' });
    gateway.clock.advance(1);
    const late = await rotations(ann, 'post', `${path}/reveal`).expect(410);
    expect(late.text).not.toContain('PRIVATE KEY');
    expect(await revokedIn(gateway)).toEqual([]);
    await gateway.database.db.deleteFrom('outbox').execute();
    await gateway.tendRotations();
    await gateway.tendRotations();

    expect(await rotationRow(gateway, path)).toMatchObject({
      state: 'approved',
      credentials_state: 'lapsed',
      sealed_data_key: null,
      sealed_credentials: null,
    });
    expect(await revokedIn(gateway)).toEqual([certificate_sha256]);
    expect(await user()).toEqual(old);
    const events = await eventsOf(gateway, 'rotation.credentials-lapsed');
    expect(events.map(({ actor, certificate }) => [actor, certificate])).toEqual([
      ['gateway', certificate_sha256],
    ]);
    expect(await announcedRotations(gateway)).toEqual([
      'credentials-lapsed -> ann@example.com',
      'credentials-lapsed -> ben@example.com',
      'credentials-lapsed -> cleo@example.com',
    ]);
    await rotations(ann, 'post', `${path}/reveal`).expect(410);
    await rotate(governed, 'keep');
  });

  it('SU-G8: old certificates go as the request says: at their end, at the reveal, or after the grace', async () => {
    const { url } = await fresh();
    const clock = testClock();
    clock.advance(-7200); // so that the grace ends now, for openssl too
    const settings = {
      EVERLEAF_ROTATION_GRACE: '2h',
      EVERLEAF_ROTATION_DECIDE_WITHIN: '1h',
      EVERLEAF_ROTATION_REVEAL_WITHIN: '30m',
    };
    const governed = await openGovernance(
      await startTestGateway({ ...replicaSettings(url), ...settings }, clock),
    );
    const { gateway, root } = governed;
    const old = (await callAsUser(gateway, root, 'get', userPath)).body.user;
    const first = sha256Of(old.access_cert);
    const kept = await rotate(governed, 'keep');
    expect(await revokedIn(gateway)).toEqual([]);

    await rotate(governed, 'after_grace');
    const later = await rotate(governed, 'keep');
    gateway.clock.advance(7199);
    await gateway.tendRotations();
    expect(await revokedIn(gateway)).toEqual([]);
    gateway.clock.advance(1);
    await gateway.tendRotations();
    await gateway.tendRotations();
    const graceOver = [first, kept].sort();
    expect(await revokedIn(gateway)).toEqual(graceOver);
    const events = await eventsOf(gateway, 'rotation.old-revoked');
    expect(events).toHaveLength(1);
    const { revoked: gone } = JSON.parse(events[0]?.detail ?? '') as { revoked: string[] };
    expect(gone.toSorted()).toEqual(graceOver);

    await rotate(governed, 'at_once');
    const revoked = await revokedIn(gateway);
    expect(revoked).toHaveLength(4);
    expect(revoked).toContain(later);
    expect(await statusOf(gateway, await caOf(gateway, 'p1'), old.access_cert)).toBe('revoked');

    const undecided = await askForRotation(governed);
    gateway.clock.advance(3600);
    await gateway.tendRotations();
    expect(await rotationRow(gateway, undecided)).toMatchObject({ state: 'lapsed' });
    const unseen = await approvedRotation(governed);
    gateway.clock.advance(1800);
    await gateway.tendRotations();
    expect(await rotationRow(gateway, unseen)).toMatchObject({ credentials_state: 'lapsed' });
  });

  it('SU-G8: one that cannot be tended keeps no other waiting, however many there are', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway } = governed;
    // What has no certificate cannot lapse; they come first.
    await addDueRotations(governed, 'broken', 201, {
      state: 'approved',
      credentials_state: 'waiting',
      credentials_lapse_at: 1,
    });
    await addDueRotations(governed, 'undecided', 230, { state: 'pending', lapses_at: 1 });
    const path = await approvedRotation(governed);
    gateway.clock.advance(7 * day);

    await gateway.tendRotations();

    expect(await rotationRow(gateway, path)).toMatchObject({ credentials_state: 'lapsed' });
    expect(await eventsOf(gateway, 'rotation.lapsed')).toHaveLength(230);
    const complaints = gateway.logs.filter(({ message }) => message.includes('not be tended'));
    expect(complaints).toHaveLength(201);
  });

  it('SU-G8: two gateways at once do each thing once, and provide what a third left behind', async () => {
    const shared = replicaSettings((await fresh()).url);
    const ahead = testClock();
    const gateway = await startTestGateway(shared);
    const other = await startTestGateway(shared, ahead);
    const governed = await openGovernance(gateway);
    await addDueRotations(governed, 'undecided', 12, { state: 'pending', lapses_at: 1 });
    const path = await askForRotation(governed);
    const before = (await recordedCertificates(gateway, 'service-user')).length;
    await gateway.database.db
      .updateTable('rotation_requests')
      .set({
        state: 'provisioning',
        decided_by: governed.ben.id,
        decided_at: gateway.clock.now() - 59,
      })
      .where('id', '=', path.slice(1))
      .execute();
    await governed.rotations(governed.ann, 'post', `${path}/reveal`).expect(409);
    await gateway.tendRotations();
    expect(await rotationRow(gateway, path)).toMatchObject({ state: 'provisioning' });
    expect(await eventsOf(gateway, 'rotation.lapsed')).toHaveLength(12);
    await addDueRotations(governed, 'more', 12, { state: 'pending', lapses_at: 1 });
    gateway.clock.advance(1);
    // For the one ahead the lease of the other has ended, so that both are at it.
    ahead.advance(45);

    await Promise.all([gateway.tendRotations(), other.tendRotations()]);

    expect(await eventsOf(gateway, 'rotation.lapsed')).toHaveLength(24);
    expect(await eventsOf(gateway, 'rotation.provided')).toHaveLength(1);
    expect(await eventsOf(gateway, 'rotation.failed')).toEqual([]);
    expect(await recordedCertificates(gateway, 'service-user')).toHaveLength(before + 1);
    expect(await announcedRotations(gateway)).toContain('credentials-ready -> ann@example.com');
    await governed.rotations(governed.ann, 'post', `${path}/reveal`).expect(200);
  });
});
