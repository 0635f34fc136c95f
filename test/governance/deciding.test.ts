import { expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { eventsOf } from '../support/record.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { askForRotation, digestFor, openGovernance } from '../support/governance.js';
import type { Governed } from '../support/governance.js';
import { addUser, callAsUser, expectRefusal, startOn } from '../support/people.js';
import type { TestUser } from '../support/people.js';
import {
  approve,
  setState,
  shownRotation,
  shownUser,
  toldOf,
  withPassword,
} from '../support/rotations.js';
import { renewUser } from '../support/services.js';

const day = 86_400;
const reason = { reason: 'not now' };

/** Neither the request nor the credentials have changed. */
async function expectPending(governed: Governed, path: string): Promise<void> {
  const { state, decided_by_user_id } = await shownRotation(governed, path);
  expect({ state, decided_by_user_id }).toEqual({ state: 'pending', decided_by_user_id: null });
}

/** Every step of a decision is refused to this person. */
async function expectNoSay(
  governed: Governed,
  path: string,
  { as, status }: { readonly as: TestUser; readonly status: 403 | 404 },
): Promise<void> {
  const kind = status === 403 ? 'right-missing' : 'resource-unknown';
  expectRefusal(await approve(governed, path, as), status, kind);
  expectRefusal(await governed.rotations(as, 'post', `${path}/decline`, reason), status, kind);
  await expectPending(governed, path);
}

describeOnEachDatabase('deciding on a request', (fresh) => {
  it('SU-G4, HI-R6: is for another member since before it, by whatever way the requester comes', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway, rotations, as, ann, ben, cleo, root, outsider, setMembers } = governed;
    const path = await askForRotation(governed);
    const made = await callAsUser(gateway, ann, 'post', '/v1/access_token')
      .send({ description: 'a second one' })
      .expect(200);
    const signIn = await withPassword(governed, ann);
    const others = [
      { ...ann, token: String(made.body.full_token) },
      await signIn(),
      await signIn(),
    ];
    for (const same of [ann, ...others])
      await expectNoSay(governed, path, { as: same, status: 403 });
    const [refused] = await eventsOf(gateway, 'request.refused');
    expect(refused?.actor).toBe('user:ann@example.com');
    const named = { access: governed.access, rotation: path.slice(1) };
    expect(JSON.parse(refused?.detail ?? '')).toMatchObject({ reason: 'right-missing', ...named });

    await expectNoSay(governed, path, { as: root, status: 403 });
    await expectNoSay(governed, path, { as: outsider, status: 403 });
    const stranger = await addUser(gateway, 'stranger@example.com');
    await expectNoSay(governed, path, { as: stranger, status: 404 });
    gateway.clock.advance(1);
    await setMembers('add_members', outsider);
    await expectNoSay(governed, path, { as: outsider, status: 403 });
    await setMembers('remove_members', cleo);
    await expectNoSay(governed, path, { as: cleo, status: 403 });
    await setMembers('add_members', cleo);
    await expectNoSay(governed, path, { as: cleo, status: 403 });

    const digest = await digestFor(governed, path);
    for (const wrong of ['/rot0', '/A', '/%00'])
      for (const [step, body] of [
        ['approve', { digest }],
        ['decline', reason],
      ] as const) {
        const answer = await rotations(ben, 'post', `${wrong}/${step}`, body);
        expectRefusal(answer, 404, 'resource-unknown');
      }
    const elsewhere = await as(ben, 'post', `/access/acc0/rotations${path}/approve`, { digest });
    expectRefusal(elsewhere, 404, 'resource-unknown');
    await expectPending(governed, path);

    const { body } = await rotations(ben, 'post', `${path}/approve`, { digest, message: 'go' });
    expect(body.rotation).toMatchObject({
      state: 'approved',
      decided_by_user_id: ben.id,
      decision: 'go',
    });
    const tooLate = await rotations(ben, 'post', `${path}/approve`, { digest });
    expectRefusal(tooLate, 409, 'state-conflict');
    expect(tooLate.body.message).toContain('approved');
    expectRefusal(await rotations(ben, 'post', `${path}/decline`, reason), 409, 'state-conflict');
    expectRefusal(await rotations(ann, 'delete', path), 409, 'state-conflict');
  });

  it('SU-G4: needs the digest of what is so now', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway, rotations, ben, cleo, outsider, setMembers } = governed;
    const path = await askForRotation(governed);
    const approveWith = (body: object): Promise<Response> =>
      rotations(ben, 'post', `${path}/approve`, body).then((answer) => answer);
    const digest = await digestFor(governed, path);
    for (const wrong of [undefined, null, '', 'x', digest.toUpperCase(), `${digest}0`, 7]) {
      const refused = await approveWith({ digest: wrong });
      expectRefusal(refused, 400, 'field-invalid');
      expect(refused.body.message).toContain('read the request first');
    }
    expectRefusal(await approveWith({ digest, message: 'x'.repeat(1001) }), 400, 'field-invalid');
    const changes: readonly (() => Promise<void>)[] = [
      () => setMembers('add_members', outsider),
      () => setMembers('remove_members', cleo),
      () => setState(governed, outsider, 'disabled'),
      () => renewUser(gateway, 'orders'),
    ];
    let shown = digest;
    for (const change of changes) {
      await change();
      const answer = await approveWith({ digest: shown });
      expectRefusal(answer, 409, 'state-conflict');
      expect(answer.body.message).toContain('read the request again');
      await expectPending(governed, path);
      const now = await digestFor(governed, path);
      expect(now).not.toBe(shown);
      shown = now;
    }
    expect((await approveWith({ digest: shown })).body.rotation.state).toBe('approved');
  });

  it('SU-G5: judges the requester again: one who has left is declined, not approved', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway, rotations, as, ann, ben, cleo, setMembers } = governed;
    const comings = {
      left: () => setMembers('remove_members', ann),
      disabled: () => setState(governed, ann, 'disabled'),
    };
    const back = {
      left: () => setMembers('add_members', ann),
      disabled: () => setState(governed, ann, 'active'),
    };
    for (const way of ['left', 'disabled'] as const) {
      const path = await askForRotation(governed);
      await comings[way]();
      const refused = await approve(governed, path);
      expectRefusal(refused, 409, 'state-conflict');
      expect(refused.body.message).toContain('requester has left');
      await expectPending(governed, path);
      const { body } = await as(ben, 'get', '/approvals').expect(200);
      expect(body.rotations).toMatchObject([{ may: { decide: true } }]);
      await rotations(ben, 'post', `${path}/decline`, reason).expect(200);
      await back[way]();
    }

    const path = await askForRotation(governed, { message: 'again' }, cleo);
    gateway.clock.advance(14 * day);
    for (const answer of [
      await approve(governed, path),
      await rotations(ben, 'post', `${path}/decline`, reason),
    ]) {
      expectRefusal(answer, 409, 'state-conflict');
      expect(answer.body.message).toContain('lapsed');
    }
    await expectPending(governed, path);
  });

  it('SU-G6, SU-G7: is declined with a reason, or deleted by its author alone; the credentials stay', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { rotations, ann, ben, cleo, root, outsider } = governed;
    const before = await shownUser(governed);
    const declined = await askForRotation(governed);
    for (const wrong of [{}, { reason: null }, { reason: '' }, { reason: '  ' }, { reason: 7 }, []])
      expectRefusal(
        await rotations(ben, 'post', `${declined}/decline`, wrong),
        400,
        Array.isArray(wrong) ? 'json-malformed' : 'field-invalid',
      );
    await expectPending(governed, declined);
    const { body } = await rotations(ben, 'post', `${declined}/decline`, { reason: 'too soon' });
    expect(body.rotation).toMatchObject({
      state: 'declined',
      decision: 'too soon',
      decided_by_user_id: ben.id,
      credentials_state: null,
    });
    expect(await toldOf(governed, 'rotation-declined')).toEqual([
      'ann@example.com',
      'cleo@example.com',
    ]);
    expectRefusal(await approve(governed, declined, cleo), 400, 'field-invalid');
    expectRefusal(await rotations(ann, 'delete', declined), 409, 'state-conflict');
    expectRefusal(await rotations(ann, 'post', `${declined}/reveal`), 409, 'state-conflict');

    const deleted = await askForRotation(governed);
    for (const other of [ben, cleo, root, outsider])
      expectRefusal(await rotations(other, 'delete', deleted), 403, 'right-missing');
    await expectPending(governed, deleted);
    const digest = await digestFor(governed, deleted);
    const { body: gone } = await rotations(ann, 'delete', deleted).expect(200);
    expect(gone.rotation.state).toBe('deleted');
    expectRefusal(await rotations(ann, 'delete', deleted), 409, 'state-conflict');
    const late = await rotations(ben, 'post', `${deleted}/approve`, { digest });
    expectRefusal(late, 409, 'state-conflict');
    expect(late.body.message).toContain('deleted');
    expect(await shownUser(governed)).toEqual(before);
  });
});
