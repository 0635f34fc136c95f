import { expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import request from 'supertest';
import { makeCredentialSealing } from '../../src/governance/sealed-credentials.js';
import { commandLine } from '../support/command-line.js';
import { describeOnEachDatabase } from '../support/databases.js';
import {
  approvedRotation,
  askForRotation,
  openGovernance,
  userPath,
} from '../support/governance.js';
import type { Governed } from '../support/governance.js';
import { addOrganization, addUser, callAsUser, expectRefusal, startOn } from '../support/people.js';
import type { TestUser } from '../support/people.js';
import {
  addAccess,
  setCertificates,
  shownRotation,
  shownUser,
  withPassword,
} from '../support/rotations.js';
import { eventsOf } from '../support/record.js';
import { masterKeyOf } from '../support/unsealed.js';

/** What a row keeps of its result. */
async function sealedOf({ gateway }: Governed, path: string) {
  return gateway.database.db
    .selectFrom('rotation_requests')
    .select(['sealed_data_key', 'sealed_credentials', 'credentials_state', 'revealed_at'])
    .where('id', '=', path.slice(1))
    .executeTakeFirstOrThrow();
}

/** Every place in which a member might find it. */
function places({ organization, access }: Governed, path: string): readonly string[] {
  const governance = `/v1/organization/${organization}/governance`;
  return [
    userPath,
    `${userPath}?include_secrets=true`,
    '/v1/project/p1/service/kafka-1',
    '/v1/project/p1/service',
    '/v1/project/p1/events',
    `${governance}/rotations`,
    `${governance}/approvals`,
    `${governance}/access/${access}`,
    `${governance}/access/${access}/rotations`,
    `${governance}/access/${access}/rotations${path}`,
  ];
}

describeOnEachDatabase('revealing new credentials', (fresh) => {
  it('SU-G9, SU-G10, HI-R7: is for the requester alone, once, and only by POST', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway, organization, rotations, ann, ben, cleo, root, outsider, setMembers, access } =
      governed;
    const path = await approvedRotation(governed);
    const waiting = await sealedOf(governed, path);
    const stranger = await addUser(gateway, 'stranger@example.com');
    const refused: readonly (readonly [TestUser, 403 | 404])[] = [
      [ben, 403],
      [cleo, 403],
      [root, 403],
      [outsider, 403],
      [stranger, 404],
    ];
    for (const [other, status] of refused)
      expectRefusal(
        await rotations(other, 'post', `${path}/reveal`),
        status,
        status === 403 ? 'right-missing' : 'resource-unknown',
      );
    await setMembers('remove_members', ann);
    expectRefusal(await rotations(ann, 'post', `${path}/reveal`), 403, 'right-missing');
    await setMembers('add_members', ann);

    const place = (of: string, id: string): string =>
      `/v1/organization/${of}/governance/access/${id}/rotations${path}/reveal`;
    const another = await addAccess(governed, 'another', [ann, ben]);
    const elsewhere = await addOrganization(gateway, { admins: [ann] });
    for (const wrong of [place(organization, another.access), place(elsewhere, access)])
      expectRefusal(await callAsUser(gateway, ann, 'post', wrong), 404, 'resource-unknown');
    for (const method of ['get', 'head', 'put', 'patch', 'delete', 'options'] as const) {
      const answer = await request(gateway.urls.admin)
        [method](place(organization, access))
        .ca(gateway.ca)
        .set({ Authorization: `aivenv1 ${ann.token}`, 'Sec-Purpose': 'prefetch' });
      expect(answer.status).toBe(405);
    }
    const byNobody = callAsUser(gateway, undefined, 'post', place(organization, access));
    expectRefusal(await byNobody, 401, 'user-token-missing');
    expect(await sealedOf(governed, path)).toEqual(waiting);

    const signIn = await withPassword(governed, ann);
    const { body, headers } = await rotations(await signIn(), 'post', `${path}/reveal`).expect(200);
    expect(headers['cache-control']).toBe('no-store');
    expect(body.credentials.access_key).toContain('BEGIN PRIVATE KEY');
    for (const same of [ann, await signIn()]) {
      const again = await rotations(same, 'post', `${path}/reveal`);
      expectRefusal(again, 410, 'handed-out-already');
      expect(again.text).not.toContain('PRIVATE');
    }
    expectRefusal(await rotations(ben, 'post', `${path}/reveal`), 403, 'right-missing');
    expect(await sealedOf(governed, path)).toEqual({
      sealed_data_key: null,
      sealed_credentials: null,
      credentials_state: 'revealed',
      revealed_at: gateway.clock.now(),
    });
    expect(await eventsOf(gateway, 'rotation.revealed')).toHaveLength(1);
    const { password, access_key: key } = body.credentials as Record<string, string>;
    for (const user of [root, ann])
      for (const where of places(governed, path)) {
        const { text } = await callAsUser(gateway, user, 'get', where);
        expect(text).not.toContain(password);
        expect(text).not.toContain(String(key).split('\n')[1]);
      }
  });

  it('SU-G9: is refused while there is nothing to see, or nobody to hold it, and uses nothing up', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway, rotations, ann, ben } = governed;
    const reveal = (path: string) => rotations(ann, 'post', `${path}/reveal`);
    const pending = await askForRotation(governed);
    const early = await reveal(pending);
    expectRefusal(early, 409, 'state-conflict');
    expect(early.body.message).toContain('pending');
    await rotations(ben, 'post', `${pending}/decline`, { reason: 'no' }).expect(200);
    const tooEarly = await reveal(pending);
    expectRefusal(tooEarly, 409, 'state-conflict');
    expect(tooEarly.body.message).toBe(
      'There are no credentials to reveal: the request is declined.',
    );
    expectRefusal(await reveal('/rot0'), 404, 'resource-unknown');

    const path = await approvedRotation(governed);
    await setCertificates(governed, false);
    expectRefusal(await reveal(path), 409, 'state-conflict');
    await setCertificates(governed, true);
    const waiting = await sealedOf(governed, path);
    const [id, random] = [path.slice(1), (length: number): Buffer => randomBytes(length)];
    const keep = (sealed: Partial<typeof waiting>) =>
      gateway.database.db
        .updateTable('rotation_requests')
        .set(sealed)
        .where('id', '=', id)
        .execute();
    const broken = makeCredentialSealing(await masterKeyOf(gateway), random).seal(
      { password: 'p', keyPem: 'no key', certificate: 'AAAA', sha256: 'x', notAfter: 1 },
      id,
    );
    const faults = [
      { sealed_credentials: waiting.sealed_data_key },
      { sealed_data_key: broken.sealedDataKey, sealed_credentials: broken.sealedCredentials },
    ];
    for (const fault of faults) {
      await keep(fault);
      expectRefusal(await reveal(path), 500, 'internal');
      expect(await sealedOf(governed, path)).toEqual({ ...waiting, ...fault });
    }
    await keep(waiting);
    expect(await eventsOf(gateway, 'rotation.revealed')).toEqual([]);
    expect((await shownRotation(governed, path))['credentials_state']).toBe('waiting');
    expect((await reveal(path)).status).toBe(200);

    const orphaned = await approvedRotation(governed);
    await gateway.database.db
      .deleteFrom('service_users')
      .where('username', '=', 'orders')
      .execute();
    expectRefusal(await reveal(orphaned), 409, 'state-conflict');
    expect((await sealedOf(governed, orphaned)).credentials_state).toBe('waiting');
    gateway.clock.advance(7 * 86_400);
    const late = await reveal(orphaned);
    expectRefusal(late, 410, 'handed-out-already');
    expect(late.body.message).toContain('lapsed');
  });

  it('gives up nothing that works for a certificate that was revoked or ended while it waited', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway, root, rotations, ann } = governed;
    const reveal = (path: string) => rotations(ann, 'post', `${path}/reveal`);
    const before = await shownUser(governed);
    const path = await approvedRotation(governed, { message: 'm', revoke_old: 'at_once' });
    const { certificate_sha256 } = await shownRotation(governed, path);
    await commandLine(gateway, `certificate revoke ${String(certificate_sha256)}`);
    const revoked = await reveal(path);
    expectRefusal(revoked, 410, 'handed-out-already');
    expect(revoked.body.message).toContain('revoked');
    expect(await shownUser(governed)).toEqual(before);

    const orphaned = await approvedRotation(governed);
    const withdrawCa = async (revokedAt: number | null): Promise<void> => {
      const authorities = gateway.database.db.updateTable('authorities');
      await authorities.set({ revoked_at: revokedAt }).where('purpose', 'like', '%p1').execute();
    };
    await withdrawCa(gateway.clock.now());
    expectRefusal(await reveal(orphaned), 410, 'handed-out-already');
    await withdrawCa(null);
    expect((await reveal(orphaned)).status).toBe(200);

    await callAsUser(gateway, root, 'put', '/v1/project/p1/service/kafka-1')
      .send({ certificate_validity: '2d', renew_before: '1d' })
      .expect(200);
    const short = await approvedRotation(governed);
    gateway.clock.advance(2 * 86_400 - 60);
    const { body } = await rotations(ann, 'get', short).expect(200);
    expect(body.rotation.may).toMatchObject({ reveal: true });
    gateway.clock.advance(60);
    const ended = await reveal(short);
    expectRefusal(ended, 410, 'handed-out-already');
    expect(ended.body.message).toContain('lapsed');
  });
});
