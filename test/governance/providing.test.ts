import { expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { describeOnEachDatabase } from '../support/databases.js';
import { approvedRotation, askForRotation, openGovernance } from '../support/governance.js';
import type { Governed } from '../support/governance.js';
import { callAsUser, expectRefusal, startOn } from '../support/people.js';
import {
  approve,
  setCertificates,
  shownRotation,
  shownUser,
  toldOf,
} from '../support/rotations.js';
import { recordedCertificates } from '../support/record.js';
import { refuseInserts } from '../support/refuse-inserts.js';
import { asHolder } from '../support/service-user-holder.js';

async function shownAccess({ as, root, access }: Governed) {
  const { body } = await as(root, 'get', `/access/${access}`).expect(200);
  return body.access as Readonly<Record<string, unknown>>;
}

/** Whether a pair is let in on the gateway listener. */
async function isLetIn({ gateway }: Governed, user: Readonly<Record<string, string>>) {
  const { access_cert: certPem = '', access_key: keyPem = '' } = user;
  return (await asHolder(gateway).me({ certPem, keyPem })).status === 200;
}

async function isRevoked({ gateway }: Governed, sha256: unknown): Promise<boolean> {
  const all = await recordedCertificates(gateway, 'service-user');
  return all.find((one) => one.sha256 === sha256)?.revoked_at !== null;
}

describeOnEachDatabase('new credentials', (fresh) => {
  it('SU-G8: are made for this user alone and wait for the requester, while the old ones work', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway, root, ann } = governed;
    const others = async () => {
      const { body } = await callAsUser(gateway, root, 'get', '/v1/project/p1/service/kafka-1');
      const { users } = body.service as { users: { username: string }[] };
      return users.filter(({ username }) => username !== 'orders');
    };
    const [before, othersBefore] = [await shownUser(governed), await others()];
    const { access_data: acls, ...unasked } = await shownAccess(governed);
    expect(unasked).toMatchObject({ credentials_user_id: '', credentials_state: null });
    const path = await approvedRotation(governed);
    expect(await shownAccess(governed)).toMatchObject({
      access_data: acls,
      credentials_user_id: ann.id,
      credentials_consumed: false,
      credentials_state: 'waiting',
    });
    expect(await shownUser(governed)).toEqual(before);
    expect(await others()).toEqual(othersBefore);
    expect(await isLetIn(governed, before)).toBe(true);
    expect(await toldOf(governed, 'credentials-ready')).toEqual(['ann@example.com']);
    expect(await toldOf(governed, 'rotation-approved')).toEqual(['cleo@example.com']);
    const { credentials_state, certificate_sha256 } = await shownRotation(governed, path);
    expect(credentials_state).toBe('waiting');
    expect(await isRevoked(governed, certificate_sha256)).toBe(false);
  });

  it('SU-G8: that cannot be made leave the old ones valid, say why, and free the access', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway, rotations, ann } = governed;
    const before = await shownUser(governed);
    const failing = await askForRotation(governed);
    const allow = await refuseInserts(gateway.database, 'certificates');
    const failed = await approve(governed, failing);
    await allow();
    expect(failed.body.rotation).toMatchObject({
      state: 'failed',
      failure: expect.stringContaining('its log says more'),
      credentials_state: null,
    });
    expect(gateway.logs).toContainEqual(
      expect.objectContaining({ message: 'new credentials could not be made' }),
    );
    const hopeless = await rotations(ann, 'post', `${failing}/reveal`);
    expectRefusal(hopeless, 409, 'state-conflict');
    expect(hopeless.body.message).toContain('its log says more');
    expect(await toldOf(governed, 'rotation-failed')).toEqual([
      'ann@example.com',
      'ben@example.com',
      'cleo@example.com',
    ]);
    expect(await shownUser(governed)).toEqual(before);
    expect(await isLetIn(governed, before)).toBe(true);

    const without = await askForRotation(governed);
    await setCertificates(governed, false);
    expectRefusal(await approve(governed, without), 409, 'state-conflict');
    await setCertificates(governed, true);
    expect((await shownRotation(governed, without))['state']).toBe('pending');
    await rotations(ann, 'delete', without).expect(200);

    const ca = await callAsUser(gateway, ann, 'get', '/v1/project/p1/kms/ca');
    expect(ca.status).toBe(404);
    const { body } = await callAsUser(gateway, governed.root, 'get', '/v1/project/p1/kms/ca');
    const end = Date.parse(new X509Certificate(String(body.certificate)).validTo) / 1000;
    gateway.clock.advance(end - 1800 - gateway.clock.now());
    const ending = await approve(governed, await askForRotation(governed));
    expect(ending.body.rotation).toMatchObject({
      state: 'failed',
      failure: expect.stringContaining('authority'),
    });
    await askForRotation(governed);
  });

  it('SU-G12: make an older result that nobody has seen unreadable, and reset the flag', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway, rotations, ann, ben } = governed;
    const older = await approvedRotation(governed);
    const { certificate_sha256: unseen } = await shownRotation(governed, older);
    const newer = await approvedRotation(governed);
    expect(await isRevoked(governed, unseen)).toBe(true);
    const { credentials_state } = await shownRotation(governed, older);
    expect(credentials_state).toBe('lapsed');
    const row = await gateway.database.db
      .selectFrom('rotation_requests')
      .select(['sealed_data_key', 'sealed_credentials'])
      .where('id', '=', older.slice(1))
      .executeTakeFirstOrThrow();
    expect(row).toEqual({ sealed_data_key: null, sealed_credentials: null });
    expectRefusal(await rotations(ann, 'post', `${older}/reveal`), 410, 'handed-out-already');
    await rotations(ann, 'post', `${newer}/reveal`).expect(200);
    expect(await shownAccess(governed)).toMatchObject({
      credentials_user_id: ann.id,
      credentials_consumed: true,
    });
    gateway.clock.advance(1);
    const bens = await askForRotation(governed, { message: 'mine' }, ben);
    await approve(governed, bens, ann);
    expect(await shownAccess(governed)).toMatchObject({
      credentials_user_id: ben.id,
      credentials_consumed: false,
      credentials_state: 'waiting',
    });
    expect(
      await isRevoked(governed, (await shownRotation(governed, newer))['certificate_sha256']),
    ).toBe(false);
  });
});
