import { describe, expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import { startTestGateway } from '../support/gateway.js';
import { addOrganization, addUser, callAsUser, expectRefusal, startOn } from '../support/people.js';

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

describeOnEachDatabase('an organisation', (fresh) => {
  it('is shown to its members with what avn prints, people and all', async () => {
    const gateway = await startOn(await fresh());
    const admin = await addUser(gateway, 'admin@example.com');
    const member = await addUser(gateway, 'member@example.com');
    const id = await addOrganization(gateway, { admins: [admin], members: [member] });
    await addOrganization(gateway, { admins: [admin] });
    const shown = {
      organization_id: id,
      account_id: id,
      organization_name: 'Example',
      tier: 'business',
      default_governance_user_group_id: null,
      create_time: expect.stringMatching(time),
      update_time: expect.stringMatching(time),
    };
    const get = (path: string) => callAsUser(gateway, member, 'get', path).expect(200);
    expect((await get('/v1/organizations')).body).toEqual({ organizations: [shown] });
    expect((await get(`/v1/organization/${id}`)).body).toEqual(shown);
    const { body } = await get(`/v1/organization/${id}/user`);
    expect(body.users).toEqual([
      expect.objectContaining({ user_id: admin.id, is_super_admin: true }),
      {
        user_id: member.id,
        user_info: {
          user_email: 'member@example.com',
          real_name: 'Name of member@example.com',
          state: 'active',
          create_time: expect.stringMatching(time),
          is_application_user: false,
          managed_by_scim: false,
        },
        join_time: expect.stringMatching(time),
        last_activity_time: expect.stringMatching(time),
        is_super_admin: false,
      },
    ]);
  });

  it('SU-C4: is hidden from everybody else, as if it were not there', async () => {
    const gateway = await startOn(await fresh());
    const admin = await addUser(gateway, 'admin@example.com');
    const outsider = await addUser(gateway, 'outsider@example.com');
    const id = await addOrganization(gateway, { admins: [admin] });
    for (const rest of ['', '/user', '/user-groups', '/user-groups/ug1/members']) {
      const texts = [];
      for (const name of [id, 'org00000000000', 'org%00', 'x'.repeat(300)]) {
        const path = `/v1/organization/${name}${rest}`;
        const answer = await callAsUser(gateway, outsider, 'get', path);
        expectRefusal(answer, 404, 'resource-unknown');
        texts.push(answer.text.replace(String(answer.headers['x-request-id']), 'ID'));
      }
      expect(new Set(texts).size).toBe(1);
    }
    const { body } = await callAsUser(gateway, outsider, 'get', '/v1/organizations').expect(200);
    expect(body).toEqual({ organizations: [] });
  });
});

describe('an organisation', () => {
  it('cannot be made or changed by anybody over the API', async () => {
    const gateway = await startTestGateway();
    const admin = await addUser(gateway, 'admin@example.com');
    const id = await addOrganization(gateway, { admins: [admin] });
    for (const path of ['/v1/organizations', `/v1/organization/${id}`]) {
      const refused = await callAsUser(gateway, admin, 'post', path).send({});
      expectRefusal(refused, 405, 'method-not-allowed');
    }
  });
});
