import { describe, expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import { startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import {
  addOrganization,
  addUser,
  callAsUser,
  expectRefusal,
  openProject,
  startOn,
} from '../support/people.js';
import { eventsOf } from '../support/record.js';

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** Events of a member in their order: what, who, and of whom. */
async function told(gateway: TestGateway, ...actions: readonly string[]) {
  const events = await eventsOf(gateway, ...actions.map((action) => `project.${action}`));
  return events.map(({ action, actor, project, detail }) => [
    action,
    actor,
    project,
    JSON.parse(detail) as unknown,
  ]);
}

describeOnEachDatabase('a member', (fresh) => {
  it('who is a user already joins at once, and is listed with what avn prints', async () => {
    const { gateway, asRoot } = await openProject(await startOn(await fresh()));
    const user = await addUser(gateway, 'dev@example.com');
    await asRoot('post', '/v1/project/p1/invite', {
      user_email: 'Dev@Example.com',
      member_type: 'operator',
    }).expect(200);
    const { body } = await callAsUser(gateway, user, 'get', '/v1/project/p1/users').expect(200);
    expect(body).toEqual({
      users: [
        expect.objectContaining({
          user_email: 'dev@example.com',
          user_id: user.id,
          real_name: 'Name of dev@example.com',
          member_type: 'operator',
          create_time: expect.stringMatching(time),
        }),
        expect.objectContaining({ user_email: 'root@example.com', member_type: 'admin' }),
      ],
      invitations: [],
    });
    expect(await told(gateway, 'member-added')).toEqual([
      [
        'project.member-added',
        'user:root@example.com',
        'p1',
        { email: 'dev@example.com', role: 'operator' },
      ],
    ]);
    const again = await asRoot('post', '/v1/project/p1/invite', { user_email: user.email });
    expectRefusal(again, 409, 'exists-already');
    expect(again.body.message).toContain('already exists');
  });

  it('who is no user yet is invited, once, and joins when the address signs in', async () => {
    const { gateway, asRoot } = await openProject(await startOn(await fresh()));
    const invitation = { user_email: 'new@example.com', member_type: 'read_only' };
    await asRoot('post', '/v1/project/p1/invite', invitation).expect(200);
    expectRefusal(await asRoot('post', '/v1/project/p1/invite', invitation), 409, 'exists-already');
    const before = await asRoot('get', '/v1/project/p1/users');
    expect(before.body.invitations).toEqual([
      {
        invited_user_email: 'new@example.com',
        inviting_user_email: 'root@example.com',
        member_type: 'read_only',
        invite_time: expect.stringMatching(time),
      },
    ]);
    const user = await addUser(gateway, 'new@example.com');
    const { body } = await callAsUser(gateway, user, 'get', '/v1/project').expect(200);
    expect(body.projects).toMatchObject([{ project_name: 'p1' }]);
    const after = await asRoot('get', '/v1/project/p1/users');
    expect(after.body.invitations).toEqual([]);
    expect(after.body.users).toMatchObject([
      { user_email: 'new@example.com', member_type: 'read_only' },
      { user_email: 'root@example.com' },
    ]);
    await callAsUser(gateway, user, 'get', '/v1/project').expect(200);
    expect(await told(gateway, 'member-invited', 'invitation-accepted')).toEqual([
      ['project.member-invited', 'user:root@example.com', 'p1', expect.anything()],
      ['project.invitation-accepted', 'user:new@example.com', 'p1', expect.anything()],
    ]);
  });

  it('changes role and leaves, each with its event; the last admin does neither', async () => {
    const { gateway, asRoot, addMember } = await openProject(await startOn(await fresh()));
    const developer = await addMember('developer', 'dev@example.com');
    const dev = '/v1/project/p1/user/dev%40example.com';
    const root = '/v1/project/p1/user/root%40example.com';
    for (const refused of [
      await asRoot('put', root, { member_type: 'operator' }),
      await asRoot('delete', root),
    ])
      expectRefusal(refused, 409, 'state-conflict');
    await asRoot('put', dev, { member_type: 'admin' }).expect(200);
    await callAsUser(gateway, developer, 'delete', root).expect(200);
    expectRefusal(await callAsUser(gateway, developer, 'delete', dev), 409, 'state-conflict');
    await callAsUser(gateway, developer, 'put', dev).send({ member_type: 'admin' }).expect(200);
    expect(await told(gateway, 'member-changed', 'member-removed')).toEqual([
      [
        'project.member-changed',
        'user:root@example.com',
        'p1',
        { email: 'dev@example.com', role: 'admin', oldRole: 'developer' },
      ],
      [
        'project.member-removed',
        'user:dev@example.com',
        'p1',
        { email: 'root@example.com', role: 'admin' },
      ],
      ['project.member-changed', 'user:dev@example.com', 'p1', expect.anything()],
    ]);
  });
});

describe('an invitation', () => {
  it('is withdrawn, and then gives nothing', async () => {
    const { gateway, asRoot } = await openProject(await startTestGateway());
    await asRoot('post', '/v1/project/p1/invite', { user_email: 'new@example.com' }).expect(200);
    await asRoot('delete', '/v1/project/p1/invite/New%40example.com').expect(200, {});
    expectRefusal(
      await asRoot('delete', '/v1/project/p1/invite/new%40example.com'),
      404,
      'resource-unknown',
    );
    const user = await addUser(gateway, 'new@example.com');
    const refused = await callAsUser(gateway, user, 'get', '/v1/project/p1');
    expectRefusal(refused, 404, 'project-unknown');
    expect(await told(gateway, 'invitation-withdrawn', 'invitation-accepted')).toHaveLength(1);
  });

  it('is accepted by coming straight to the project, with the role that it names', async () => {
    const { gateway, asRoot } = await openProject(await startTestGateway());
    await asRoot('post', '/v1/project/p1/invite', { user_email: 'new@example.com' }).expect(200);
    const user = await addUser(gateway, 'new@example.com');
    const refused = await callAsUser(gateway, user, 'delete', '/v1/project/p1');
    expectRefusal(refused, 403, 'right-missing');
    const { body } = await asRoot('get', '/v1/project/p1/users');
    expect(body.users[0]).toMatchObject({
      user_email: 'new@example.com',
      member_type: 'developer',
    });
  });

  it('does not outlive the direct way in: who is removed stays out', async () => {
    const { gateway, asRoot } = await openProject(await startTestGateway());
    const invitation = { user_email: 'new@example.com', member_type: 'admin' };
    await asRoot('post', '/v1/project/p1/invite', invitation).expect(200);
    const user = await addUser(gateway, 'new@example.com');
    await asRoot('post', '/v1/project/p1/invite', { ...invitation, member_type: 'operator' });
    await asRoot('delete', '/v1/project/p1/user/new%40example.com').expect(200);
    const { body } = await callAsUser(gateway, user, 'get', '/v1/project').expect(200);
    expect(body.projects).toEqual([]);
  });
});

describe('an admin of the organisation', () => {
  it('is an admin of its projects without being a member, and of no other organisation’s', async () => {
    const { gateway, organization, asRoot } = await openProject(await startTestGateway());
    const admin = await addUser(gateway, 'second@example.com');
    const foreign = await addUser(gateway, 'foreign@example.com');
    await gateway.database.db
      .insertInto('organization_members')
      .values({ organization_id: organization, user_id: admin.id, is_admin: 1, joined_at: 1 })
      .execute();
    await addOrganization(gateway, { admins: [foreign] });
    await callAsUser(gateway, admin, 'put', '/v1/project/p1').send({ cloud: 'x' }).expect(200);
    const { body } = await asRoot('get', '/v1/project/p1/users');
    expect(body.users).toHaveLength(1);
    expectRefusal(
      await callAsUser(gateway, foreign, 'get', '/v1/project/p1'),
      404,
      'project-unknown',
    );
  });
});

describe('who is no member', () => {
  it.each([
    ['put', '/v1/project/p1/user/nobody%40example.com', { member_type: 'admin' }, 404],
    ['delete', '/v1/project/p1/user/nobody%40example.com', undefined, 404],
    ['delete', '/v1/project/p1/invite/nobody%40example.com', undefined, 404],
    ['delete', '/v1/project/p1/user/no-address', undefined, 400],
    ['delete', '/v1/project/p1/user/a%00%40example.com', undefined, 400],
  ] as const)('can be neither changed nor removed: %s %s', async (method, path, body, status) => {
    const { gateway, asRoot } = await openProject(await startTestGateway());
    const refused = await asRoot(method, path, body);
    expectRefusal(refused, status, status === 404 ? 'resource-unknown' : 'field-invalid');
    expect(await told(gateway, 'member-changed', 'member-removed')).toEqual([]);
  });
});
