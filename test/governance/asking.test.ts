import { expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import { askForRotation, openGovernance } from '../support/governance.js';
import type { Governed } from '../support/governance.js';
import { addOrganization, addUser, callAsUser, expectRefusal, startOn } from '../support/people.js';
import { approve, setCertificates, setState, shownRotation, toldOf } from '../support/rotations.js';

const day = 86_400;

/** A request is refused for the present state; how that is said. */
async function refusedToAsk({ rotations, ann }: Governed, as = ann): Promise<string> {
  const answer = await rotations(as, 'post', '', { message: 'again' });
  expectRefusal(answer, 409, 'state-conflict');
  return String(answer.body.message);
}

const wrongBodies: readonly (readonly [body: unknown, said: RegExp])[] = [
  [{}, /message/],
  [{ message: null }, /message/],
  [{ message: 7 }, /message/],
  [{ message: '' }, /say something/],
  [{ message: ' \n\t ' }, /say something/],
  [{ message: 'x'.repeat(1001) }, /1000/],
  [{ message: '😀'.repeat(1001) }, /1000/],
  [{ message: 'a\0b' }, /character/],
  [{ message: 'a\u001b[2Jb' }, /character/],
  [{ message: 'a\u202eb' }, /character/],
  [{ message: 'a\ud800b' }, /character/],
  [{ message: 'm', revoke_old: 'later' }, /at_once, after_grace, keep/],
  [[], /JSON object/],
  ['m', /JSON object/],
  [null, /JSON object/],
];

const goodMessages = [
  'x',
  '  trimmed\n',
  'two\r\n\tlines',
  'x'.repeat(1000),
  '👩‍💻'.repeat(333),
  '%_\\\'";--',
];

/** Who may not ask, what is not there, and what says nothing: none of it leaves a request. */
async function expectRefusals(governed: Governed): Promise<void> {
  const { gateway, rotations, as, ann, ben, root, outsider, access } = governed;
  const { body: before } = await rotations(root, 'get', '').expect(200);
  const stranger = await addUser(gateway, 'stranger@example.com');
  const elsewhere = await addOrganization(gateway, { admins: [ann, stranger] });
  const body = { message: 'mine' };
  expectRefusal(await rotations(outsider, 'post', '', body), 403, 'right-missing');
  expectRefusal(await rotations(root, 'post', '', body), 403, 'right-missing');
  expectRefusal(await rotations(stranger, 'post', '', body), 404, 'resource-unknown');
  const path = (organization: string, id: string) =>
    `/v1/organization/${organization}/governance/access/${id}/rotations`;
  const byNobody = callAsUser(gateway, undefined, 'post', path(governed.organization, access));
  expectRefusal(await byNobody.send(body), 401, 'user-token-missing');
  const ofAnother = callAsUser(gateway, ann, 'post', path(elsewhere, access));
  expectRefusal(await ofAnother.send(body), 404, 'resource-unknown');
  for (const id of ['acc0', 'A', '%00', '..%2f', `${access}x`]) {
    const answer = await as(ann, 'post', `/access/${id}/rotations`, body);
    expectRefusal(answer, 404, 'resource-unknown');
  }
  for (const [wrong, said] of wrongBodies) {
    const call = rotations(ann, 'post', '').set('Content-Type', 'application/json');
    const answer = await call.send(JSON.stringify(wrong));
    expect({ wrong, status: answer.status }).toEqual({ wrong, status: 400 });
    expect(answer.body.message).toMatch(said);
  }
  await governed.setMembers('remove_members', ben);
  expectRefusal(await rotations(ben, 'post', '', body), 403, 'right-missing');
  const { body: listed } = await rotations(root, 'get', '').expect(200);
  expect(listed).toEqual(before);
  for (const message of goodMessages) {
    const request = await askForRotation(governed, { message });
    expect((await shownRotation(governed, request))['message']).toBe(message.trim());
    await rotations(ann, 'delete', request).expect(200);
  }
}

describeOnEachDatabase('asking for new credentials', (fresh) => {
  it('SU-G1, SU-G2: is done by a member, told to the other members alone, and refused to everybody else', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway, rotations, ann, access } = governed;
    const { body } = await rotations(ann, 'post', '', { message: 'the laptop is gone' }).expect(
      200,
    );
    const time = (seconds: number) => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
    expect(body.rotation).toMatchObject({
      access_id: access,
      state: 'pending',
      requester_user_id: ann.id,
      message: 'the laptop is gone',
      revoke_old: 'keep',
      create_time: time(gateway.clock.now()),
      lapse_time: time(gateway.clock.now() + 14 * day),
      credentials_state: null,
    });
    expect(await toldOf(governed, 'rotation-requested')).toEqual([
      'ben@example.com',
      'cleo@example.com',
    ]);
    await rotations(ann, 'delete', `/${String(body.rotation.rotation_id)}`).expect(200);
    await expectRefusals(governed);
  });

  it('SU-G3: waits for an active request, and for nothing that is over', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway, rotations, ann, ben } = governed;
    const pending = await askForRotation(governed);
    expect(await refusedToAsk(governed)).toContain('deleted by its author');
    await refusedToAsk(governed, ben);
    await rotations(ann, 'delete', pending).expect(200);

    const declined = await askForRotation(governed);
    await rotations(ben, 'post', `${declined}/decline`, { reason: 'no' }).expect(200);

    const provisioning = await askForRotation(governed);
    await gateway.database.db
      .updateTable('rotation_requests')
      .set({ state: 'provisioning', decided_by: ben.id, decided_at: gateway.clock.now() })
      .where('id', '=', provisioning.slice(1))
      .execute();
    await refusedToAsk(governed);
    gateway.clock.advance(61);
    await gateway.tendRotations();
    expect((await shownRotation(governed, provisioning))['state']).toBe('approved');

    const approved = await askForRotation(governed);
    expect((await approve(governed, approved)).body.rotation.state).toBe('approved');

    const lapsed = await askForRotation(governed);
    gateway.clock.advance(14 * day);
    await gateway.tendRotations();
    expect((await shownRotation(governed, lapsed))['state']).toBe('lapsed');

    const both = await Promise.all(
      [ann, ben].map((user) => rotations(user, 'post', '', { message: 'at once' })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  it('is refused with the reason where nobody could approve, or there is nothing to rotate', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway, rotations, as, ann, ben, cleo, root, access, setMembers } = governed;
    await setMembers('remove_members', ben);
    await setState(governed, cleo, 'disabled');
    expect(await refusedToAsk(governed)).toContain('add another member');
    await setMembers('remove_members', cleo);
    expect(await refusedToAsk(governed)).toContain('add another member');
    await setMembers('add_members', ben);

    await setCertificates(governed, false);
    expect(await refusedToAsk(governed)).toContain('have no certificates');
    await setCertificates(governed, true);

    await gateway.database.db
      .deleteFrom('service_users')
      .where('username', '=', 'orders')
      .execute();
    expect(await refusedToAsk(governed)).toContain('was deleted');

    await as(root, 'delete', `/access/${access}`).expect(200);
    const gone = await rotations(ann, 'post', '', { message: 'again' });
    expectRefusal(gone, 404, 'resource-unknown');
  });
});
