import { describe, expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import { startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { addOrganization, addUser, callAsUser, expectRefusal, startOn } from '../support/people.js';
import { eventsOf } from '../support/record.js';

const allEvents = [
  'group.created',
  'group.changed',
  'group.deleted',
  'group.members-added',
  'group.members-removed',
];

const detailOf = (json: string) =>
  JSON.parse(json) as { organization?: string; members?: string[] };

/** An organisation with an admin and a member, and calls as each of them below its groups. */
async function openGroups(gateway: TestGateway) {
  const admin = await addUser(gateway, 'admin@example.com');
  const member = await addUser(gateway, 'member@example.com');
  const organization = await addOrganization(gateway, { admins: [admin], members: [member] });
  const callsOf =
    (user: typeof admin) =>
    (method: 'get' | 'post' | 'patch' | 'delete', path: string, body?: object) =>
      callAsUser(gateway, user, method, `/v1/organization/${organization}/user-groups${path}`).send(
        body,
      );
  const asAdmin = callsOf(admin);
  const created = await asAdmin('post', '', { user_group_name: 'owners', description: 'of all' });
  const group = `/${String(created.body.user_group_id)}`;
  return { admin, member, organization, asAdmin, asMember: callsOf(member), created, group };
}

describeOnEachDatabase('a group', (fresh) => {
  it('is made, shown, changed and deleted by an admin, each with its event', async () => {
    const gateway = await startOn(await fresh());
    const { asAdmin, asMember, created, group, organization } = await openGroups(gateway);
    const shown = {
      user_group_id: expect.stringMatching(/^ug[0-9a-f]{11}$/),
      user_group_name: 'owners',
      description: 'of all',
      managed_by_scim: false,
      create_time: expect.any(String),
      update_time: expect.any(String),
    };
    expect([created.status, created.body]).toEqual([200, shown]);
    const { body: list } = await asMember('get', '').expect(200);
    expect(list).toEqual({ user_groups: [{ ...shown, member_count: 0 }] });
    const changed = await asAdmin('patch', group, { description: 'of some' }).expect(200);
    expect(changed.body).toEqual({ ...shown, description: 'of some' });
    expect((await asMember('get', group).expect(200)).body).toEqual(changed.body);
    await asAdmin('delete', group).expect(200, {});
    expectRefusal(await asMember('get', group), 404, 'resource-unknown');
    expectRefusal(await asAdmin('delete', group), 404, 'resource-unknown');
    const events = await eventsOf(gateway, ...allEvents);
    expect(
      events.map(({ action, actor, detail }) => [action, actor, detailOf(detail).organization]),
    ).toEqual(
      ['created', 'changed', 'deleted'].map((what) => [
        `group.${what}`,
        'user:admin@example.com',
        organization,
      ]),
    );
  });

  it('takes members of the organisation in and lets them out, twice the same as once', async () => {
    const gateway = await startOn(await fresh());
    const { asAdmin, asMember, group, admin, member } = await openGroups(gateway);
    const change = (operation: string, ...member_ids: readonly string[]) =>
      asAdmin('patch', `${group}/members`, { operation, member_ids }).expect(200, {});
    await change('add_members', member.id, member.id);
    await change('add_members', member.id, admin.id);
    await change('add_members', admin.id);
    const { body } = await asAdmin('get', `${group}/members`).expect(200);
    expect(body.members).toMatchObject([
      { user_id: admin.id, user_info: { user_email: 'admin@example.com' } },
      {
        user_id: member.id,
        user_info: { real_name: 'Name of member@example.com', state: 'active' },
        last_activity_time: null,
      },
    ]);
    expect((await asMember('get', '')).body.user_groups).toMatchObject([{ member_count: 2 }]);
    await change('remove_members', member.id, 'u000000000000');
    await change('remove_members', member.id);
    const after = await asMember('get', `${group}/members`);
    expect(after.body.members).toMatchObject([{ user_id: admin.id }]);
    const events = await eventsOf(gateway, ...allEvents);
    expect(events.map(({ action, detail }) => [action, detailOf(detail).members])).toEqual([
      ['group.created', undefined],
      ['group.members-added', [member.id]],
      ['group.members-added', [admin.id]],
      ['group.members-removed', [member.id]],
    ]);
  });

  it('SU-W7: has a name of its own in its organisation', async () => {
    const gateway = await startOn(await fresh());
    const { asAdmin } = await openGroups(gateway);
    const again = await asAdmin('post', '', { user_group_name: 'owners' });
    expectRefusal(again, 409, 'exists-already');
    expect(again.body.message).toContain('already exists');
    const { body } = await asAdmin('post', '', { user_group_name: 'others' }).expect(200);
    const renamed = await asAdmin('patch', `/${String(body.user_group_id)}`, {
      user_group_name: 'owners',
    });
    expectRefusal(renamed, 409, 'exists-already');
    const second = await openGroupsElsewhere(gateway);
    expect(second.status).toBe(200);
  });

  it('is left alone by members who are no admins', async () => {
    const gateway = await startOn(await fresh());
    const { asMember, group, member } = await openGroups(gateway);
    for (const [method, path, body] of [
      ['post', '', { user_group_name: 'mine' }],
      ['patch', group, { user_group_name: 'mine' }],
      ['delete', group, undefined],
      ['patch', `${group}/members`, { operation: 'add_members', member_ids: [member.id] }],
    ] as const)
      expectRefusal(await asMember(method, path, body), 403, 'right-missing');
    expect(await eventsOf(gateway, ...allEvents)).toHaveLength(1);
  });
});

/** A group of the same name in another organisation. */
async function openGroupsElsewhere(gateway: TestGateway) {
  const admin = await addUser(gateway, 'elsewhere@example.com');
  const id = await addOrganization(gateway, { admins: [admin] });
  const path = `/v1/organization/${id}/user-groups`;
  return callAsUser(gateway, admin, 'post', path).send({ user_group_name: 'owners' });
}

describe('a group', () => {
  it('is not reached through another organisation', async () => {
    const gateway = await startTestGateway();
    const { group } = await openGroups(gateway);
    const foreign = await addUser(gateway, 'foreign@example.com');
    const id = await addOrganization(gateway, { admins: [foreign] });
    const call = (method: 'get' | 'patch' | 'delete', rest: string) =>
      callAsUser(gateway, foreign, method, `/v1/organization/${id}/user-groups${group}${rest}`);
    for (const answer of [
      await call('get', ''),
      await call('get', '/members'),
      await call('delete', ''),
      await call('patch', '').send({ description: 'mine' }),
      await call('patch', '/members').send({
        operation: 'add_members',
        member_ids: [foreign.id],
      }),
    ])
      expectRefusal(answer, 404, 'resource-unknown');
    expect(await eventsOf(gateway, ...allEvents)).toHaveLength(1);
  });

  it('takes nobody in who is no member of the organisation, not even beside one who is', async () => {
    const gateway = await startTestGateway();
    const { asAdmin, asMember, group, member } = await openGroups(gateway);
    const stranger = await addUser(gateway, 'stranger@example.com');
    for (const id of [stranger.id, 'u000000000000']) {
      const member_ids = [member.id, id];
      const refused = await asAdmin('patch', `${group}/members`, {
        operation: 'add_members',
        member_ids,
      });
      expectRefusal(refused, 400, 'field-invalid');
      expect(refused.body.message).toContain(id);
    }
    expect((await asMember('get', `${group}/members`)).body.members).toEqual([]);
  });

  it.each([
    ['post', '', {}, 'field-invalid'],
    ['post', '', { user_group_name: '' }, 'name-invalid'],
    ['post', '', { user_group_name: ' x' }, 'name-invalid'],
    ['post', '', { user_group_name: 'a\u202eb' }, 'name-invalid'],
    ['post', '', { user_group_name: 'x'.repeat(65) }, 'name-invalid'],
    ['post', '', { user_group_name: 'x', description: 'a\u0000b' }, 'field-invalid'],
    ['patch', '/members', { operation: 'add_members' }, 'field-invalid'],
    ['patch', '/members', { operation: 'add_members', member_ids: [] }, 'field-invalid'],
    ['patch', '/members', { operation: 'add_members', member_ids: [1] }, 'field-invalid'],
    ['patch', '/members', { operation: 'drop', member_ids: ['u0'] }, 'field-invalid'],
    ['patch', '/members', { member_ids: ['u0'] }, 'field-invalid'],
  ] as const)('refuses %s %s %j', async (method, path, body, reason) => {
    const gateway = await startTestGateway();
    const { asAdmin, group } = await openGroups(gateway);
    const place = path === '' ? '' : `${group}${path}`;
    expectRefusal(await asAdmin(method, place, body), 400, reason);
    expect(await eventsOf(gateway, ...allEvents)).toHaveLength(1);
  });
});
