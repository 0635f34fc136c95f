import { expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import { addUser, callAsUser, openProject } from '../support/people.js';
import { eventsOf } from '../support/record.js';
import { atOnce, startReplicas } from '../support/replicas.js';

const rounds = 5;

const statusesOf = (answers: readonly { readonly status: number }[]) =>
  answers.map(({ status }) => status).sort();

describeOnEachDatabase('what several do to projects at once on two replicas', (fresh) => {
  it('creates a project of a name once, and answers 409 to the rest', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const { root } = await openProject(replicas[0]);
    for (let round = 1; round <= rounds; round += 1) {
      const answers = await atOnce(replicas, 10, (gateway) =>
        callAsUser(gateway, root, 'post', '/v1/project').send({ project: `race-${String(round)}` }),
      );
      expect(statusesOf(answers)).toEqual([200, ...Array<number>(9).fill(409)]);
      expect(await eventsOf(replicas[0], 'project.created')).toHaveLength(round + 1);
    }
  });

  it('never removes or demotes the last admin', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const { asRoot, root, addMember } = await openProject(replicas[0]);
    const admins = [root, await addMember('admin', 'second@example.com')] as const;
    for (let round = 1; round <= rounds; round += 1) {
      const answers = await atOnce(replicas, 6, (gateway, turn) => {
        const { email } = admins[turn % 2 === 0 ? 0 : 1];
        const path = `/v1/project/p1/user/${encodeURIComponent(email)}`;
        return round % 2 === 0
          ? callAsUser(gateway, root, 'delete', path)
          : callAsUser(gateway, root, 'put', path).send({ member_type: 'developer' });
      });
      expect(statusesOf(answers)).toContain(409);
      const { body } = await asRoot('get', '/v1/project/p1/users');
      const users = body.users as { member_type: string }[];
      const left = users.filter((one) => one.member_type === 'admin');
      expect(left).toHaveLength(1);
      for (const { email } of admins) {
        await asRoot('post', '/v1/project/p1/invite', { user_email: email });
        await asRoot('put', `/v1/project/p1/user/${encodeURIComponent(email)}`, {
          member_type: 'admin',
        }).expect(200);
      }
    }
  });

  it('invites an address once, and makes it a member once', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const { asRoot, root } = await openProject(replicas[0]);
    const invite = await atOnce(replicas, 6, (gateway) =>
      callAsUser(gateway, root, 'post', '/v1/project/p1/invite').send({
        user_email: 'new@example.com',
      }),
    );
    expect(statusesOf(invite)).toEqual([200, ...Array<number>(5).fill(409)]);
    const user = await addUser(replicas[0], 'new@example.com');
    const come = await atOnce(replicas, 10, (gateway, turn) =>
      callAsUser(gateway, user, 'get', turn % 4 < 2 ? '/v1/project' : '/v1/project/p1'),
    );
    expect(statusesOf(come)).toEqual(Array(10).fill(200));
    expect(await eventsOf(replicas[0], 'project.invitation-accepted')).toHaveLength(1);
    expect((await asRoot('get', '/v1/project/p1/users')).body.users).toHaveLength(2);
  });

  it('deletes a project once, whatever else befalls it meanwhile', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const { root } = await openProject(replicas[0]);
    for (let round = 1; round <= rounds; round += 1) {
      const answers = await atOnce(replicas, 8, (gateway, turn) =>
        turn % 4 < 2
          ? callAsUser(gateway, root, 'delete', '/v1/project/p1')
          : callAsUser(gateway, root, 'post', '/v1/project/p1/invite').send({
              user_email: `new${String(turn)}@example.com`,
            }),
      );
      expect(
        answers.map(({ status }) => status).filter((one) => one !== 200 && one !== 404),
      ).toEqual([]);
      expect(await eventsOf(replicas[0], 'project.deleted')).toHaveLength(round);
      const { db } = replicas[0].database;
      expect(await db.selectFrom('project_invitations').selectAll().execute()).toEqual([]);
      await callAsUser(replicas[1], root, 'post', '/v1/project').send({ project: 'p1' });
    }
  });

  it('gives a group of a name once', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const { root, organization } = await openProject(replicas[0]);
    const answers = await atOnce(replicas, 10, (gateway) =>
      callAsUser(gateway, root, 'post', `/v1/organization/${organization}/user-groups`).send({
        user_group_name: 'owners',
      }),
    );
    expect(statusesOf(answers)).toEqual([200, ...Array<number>(9).fill(409)]);
  });
});
