import { describe, expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import { startTestGateway } from '../support/gateway.js';
import {
  addOrganization,
  addUser,
  callAsUser,
  expectRefusal,
  openProject,
  startOn,
} from '../support/people.js';
import { eventsOf } from '../support/record.js';
import { addService } from './service-row.js';

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

describeOnEachDatabase('a project', (fresh) => {
  it('is created by an admin of the organisation as avn asks for it, and shown with what avn prints', async () => {
    const gateway = await startOn(await fresh());
    const root = await addUser(gateway, 'root@example.com');
    const organization = await addOrganization(gateway, { admins: [root] });
    const created = await callAsUser(gateway, root, 'post', '/v1/project')
      .send({
        account_id: organization,
        cloud: 'my-rack',
        project: 'p1',
        use_source_project_billing_group: false,
        tech_emails: [{ email: 'ops@example.com' }, { email: 'ops@example.com' }],
      })
      .expect(200);
    expect(created.body.project).toMatchObject({
      project_name: 'p1',
      account_id: organization,
      organization_id: organization,
      default_cloud: 'my-rack',
      billing_currency: null,
      vat_id: null,
      billing_extra_text: null,
      tech_emails: [{ email: 'ops@example.com' }],
      certificate_validity: null,
      renew_before: null,
      create_time: expect.stringMatching(time),
    });
    const shown = await callAsUser(gateway, root, 'get', '/v1/project/p1').expect(200);
    expect(shown.body).toEqual(created.body);
    const list = await callAsUser(gateway, root, 'get', '/v1/project').expect(200);
    expect(list.body).toEqual({ projects: [created.body.project] });
    expect(await eventsOf(gateway, 'project.created')).toEqual([
      expect.objectContaining({
        actor: 'user:root@example.com',
        project: 'p1',
        request_id: created.headers['x-request-id'],
      }),
    ]);
  });

  it('SU-W7: of a name that is there already is refused with 409 and "already exists"', async () => {
    const { asRoot } = await openProject(await startOn(await fresh()));
    const again = await asRoot('post', '/v1/project', { project: 'p1' });
    expectRefusal(again, 409, 'exists-already');
    expect(again.body.message).toContain('already exists');
  });

  it('changes what is named and keeps the rest; null gives a duration of the gateway back', async () => {
    const { gateway, asRoot } = await openProject(await startOn(await fresh()));
    gateway.clock.advance(5);
    const change = { tech_emails: [{ email: 'a@b.example' }], certificate_validity: '365d' };
    const first = await asRoot('put', '/v1/project/p1', change).expect(200);
    expect(first.body.project).toMatchObject({ ...change, renew_before: null, default_cloud: '' });
    const second = await asRoot('put', '/v1/project/p1', {
      project_name: 'p1',
      renew_before: '720h',
    });
    expect(second.body.project).toMatchObject({ ...change, renew_before: '30d' });
    const third = await asRoot('put', '/v1/project/p1', { certificate_validity: null });
    expect(third.body.project).toMatchObject({ certificate_validity: null, renew_before: '30d' });
    expect(third.body.project.update_time).not.toBe(third.body.project.create_time);
    await asRoot('put', '/v1/project/p1', {}).expect(200);
    expect(await eventsOf(gateway, 'project.changed')).toHaveLength(3);
  });

  it('is deleted only without services, with its members and invitations', async () => {
    const { gateway, asRoot, addMember } = await openProject(await startOn(await fresh()));
    await addMember('developer');
    await asRoot('post', '/v1/project/p1/invite', { user_email: 'x@example.com' }).expect(200);
    await addService(gateway, 'p1');
    expectRefusal(await asRoot('delete', '/v1/project/p1'), 409, 'state-conflict');
    await asRoot('get', '/v1/project/p1').expect(200);
    await gateway.database.db.deleteFrom('services').execute();
    await asRoot('delete', '/v1/project/p1').expect(200, {});
    expectRefusal(await asRoot('get', '/v1/project/p1'), 404, 'project-unknown');
    for (const table of ['projects', 'project_members', 'project_invitations'] as const)
      expect(await gateway.database.db.selectFrom(table).selectAll().execute()).toEqual([]);
    expect(await eventsOf(gateway, 'project.deleted')).toHaveLength(1);
  });
});

describe('a project', () => {
  it('belongs to the only organisation that the creator administers, or to the named one', async () => {
    const { gateway, asRoot, root, organization } = await openProject(await startTestGateway());
    const second = await addOrganization(gateway, { admins: [root] });
    const unnamed = await asRoot('post', '/v1/project', { project: 'p2', account_id: null });
    expectRefusal(unnamed, 400, 'field-invalid');
    for (const organization_id of [organization, second]) {
      const { body } = await asRoot('post', '/v1/project', {
        project: `p-${organization_id}`,
        organization_id,
      }).expect(200);
      expect(body.project.organization_id).toBe(organization_id);
    }
  });

  it('is not created by a member of the organisation, nor by an outsider, who learns nothing of it', async () => {
    const { gateway, root } = await openProject(await startTestGateway());
    const [member, outsider] = [
      await addUser(gateway, 'member@example.com'),
      await addUser(gateway, 'outsider@example.com'),
    ];
    const second = await addOrganization(gateway, { admins: [root], members: [member] });
    const create = (user: typeof member, organization_id?: string) =>
      callAsUser(gateway, user, 'post', '/v1/project').send({ project: 'p2', organization_id });
    expectRefusal(await create(member), 403, 'right-missing');
    expectRefusal(await create(member, second), 403, 'right-missing');
    expectRefusal(await create(outsider), 403, 'right-missing');
    const hidden = await create(outsider, second);
    expectRefusal(hidden, 404, 'resource-unknown');
    const missing = await create(outsider, 'org00000000000');
    expect(missing.body.message).toBe(hidden.body.message);
    expect(await eventsOf(gateway, 'project.created')).toHaveLength(1);
  });

  it('is neither renamed nor moved', async () => {
    const { asRoot } = await openProject(await startTestGateway());
    for (const body of [{ project_name: 'p2' }, { account_id: 'org00000000000' }])
      expectRefusal(await asRoot('put', '/v1/project/p1', body), 400, 'field-invalid');
  });

  it.each([
    [{ certificate_validity: '90d' }, 'renew_before (90d)'],
    [{ renew_before: '820d' }, 'certificate_validity (820d)'],
    [{ certificate_validity: '30d', renew_before: '30d' }, 'has to be shorter'],
    [{ certificate_validity: '30d', renew_before: '1x' }, 'such as 30m, 12h or 92d'],
    [{ certificate_validity: '40000d' }, 'a hundred years'],
    [{ certificate_validity: 30 }, 'such as 30m, 12h or 92d'],
  ])('is refused a renewal that would be due at once, or is none: %j', async (body, words) => {
    const { asRoot } = await openProject(await startTestGateway());
    const refused = await asRoot('put', '/v1/project/p1', body);
    expectRefusal(refused, 400, 'field-invalid');
    expect(refused.body.message).toContain(words);
    const { body: kept } = await asRoot('get', '/v1/project/p1');
    expect(kept.project).toMatchObject({ certificate_validity: null, renew_before: null });
  });

  it('is listed to its members and to admins of its organisation alone', async () => {
    const { gateway, asRoot, root, addMember } = await openProject(await startTestGateway());
    await asRoot('post', '/v1/project', { project: 'p0' }).expect(200);
    const developer = await addMember('developer');
    const outsider = await addUser(gateway, 'outsider@example.com');
    const admin = await addUser(gateway, 'second@example.com');
    await addOrganization(gateway, { admins: [admin] });
    const namesFor = async (user: typeof root) => {
      const { body } = await callAsUser(gateway, user, 'get', '/v1/project').expect(200);
      return (body.projects as { project_name: string }[]).map((one) => one.project_name);
    };
    expect(await namesFor(root)).toEqual(['p0', 'p1']);
    expect(await namesFor(developer)).toEqual(['p1']);
    expect(await namesFor(outsider)).toEqual([]);
    expect(await namesFor(admin)).toEqual([]);
  });
});
