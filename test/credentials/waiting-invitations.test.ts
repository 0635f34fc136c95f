import { expect, it } from '@jest/globals';
import { commandLine } from '../support/command-line.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { addUser, openProject, startOn } from '../support/people.js';
import type { House } from '../support/people.js';
import { eventsOf } from '../support/record.js';

async function membersOf({ asRoot }: House): Promise<{ members: string[]; invited: string[] }> {
  const { body } = await asRoot('get', '/v1/project/p1/users').expect(200);
  return {
    members: (body.users as { user_email: string; member_type: string }[]).map(
      ({ user_email, member_type }) => `${user_email} ${member_type}`,
    ),
    invited: (body.invitations as { invited_user_email: string }[]).map(
      ({ invited_user_email }) => invited_user_email,
    ),
  };
}

describeOnEachDatabase('whoever is added', (fresh) => {
  it('has accepted the invitations that waited, and hears of renewals from then on', async () => {
    const house = await openProject(await startOn(await fresh()));
    const { gateway, asRoot, organization } = house;
    for (const name of ['jo', 'al', 'eve'])
      await asRoot('post', '/v1/project/p1/invite', {
        user_email: `${name}@example.com`,
        member_type: 'operator',
      }).expect(200);
    await commandLine(gateway, 'people add Jo@Example.com');
    // On record in a way that looks after no invitation, and then added to the organisation.
    await addUser(gateway, 'al@example.com');
    const words = `--organization ${organization}`;
    await commandLine(gateway, `organization member add Al@example.com ${words}`);
    await commandLine(gateway, `organization member add al@example.com --admin ${words}`);
    expect(await membersOf(house)).toEqual({
      members: ['al@example.com operator', 'jo@example.com operator', 'root@example.com admin'],
      invited: ['eve@example.com'],
    });
    const events = await eventsOf(gateway, 'project.invitation-accepted');
    expect(events.map(({ actor }) => actor)).toEqual([
      'user:jo@example.com',
      'user:al@example.com',
    ]);
  });
});
