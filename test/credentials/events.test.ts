import { describe, expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import { startTestGateway } from '../support/gateway.js';
import { expectRefusal, openProject, startOn } from '../support/people.js';

describeOnEachDatabase('the events of a project', (fresh) => {
  it('are told newest first, in words for people, with every field that avn prints', async () => {
    const { asRoot, addMember } = await openProject(await startOn(await fresh()));
    await addMember('developer', 'dev@example.com');
    const dev = '/v1/project/p1/user/dev%40example.com';
    await asRoot('put', dev, { member_type: 'operator' }).expect(200);
    await asRoot('delete', dev).expect(200);
    await asRoot('post', '/v1/project/p1/invite', { user_email: 'x@example.com' }).expect(200);
    await asRoot('delete', '/v1/project/p1/invite/x%40example.com').expect(200);
    await asRoot('put', '/v1/project/p1', {
      tech_emails: [{ email: 'ops@example.com' }],
      certificate_validity: '365d',
    }).expect(200);
    const { body } = await asRoot('get', '/v1/project/p1/events').expect(200);
    expect(body.events[0]).toEqual({
      id: expect.stringMatching(/^\d+$/),
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      actor: 'root@example.com',
      event_type: 'project.changed',
      event_desc:
        'The project was changed: technical addresses ops@example.com, validity of certificates 365d.',
      service_name: null,
    });
    const told = body.events as { event_desc: string }[];
    expect(told.slice(1).map((one) => one.event_desc)).toEqual([
      'The invitation of x@example.com was withdrawn.',
      'x@example.com was invited as developer.',
      'dev@example.com, operator, was removed from the project.',
      'dev@example.com became operator after developer.',
      'dev@example.com became a member as developer.',
      'The CA of the project was made.',
      'The project was created.',
    ]);
  });

  it('of a former project of that name are not told', async () => {
    const { asRoot } = await openProject(await startOn(await fresh()));
    await asRoot('post', '/v1/project/p1/invite', { user_email: 'secret@example.com' });
    await asRoot('delete', '/v1/project/p1').expect(200);
    await asRoot('post', '/v1/project', { project: 'p1' }).expect(200);
    const { body } = await asRoot('get', '/v1/project/p1/events').expect(200);
    expect(body.events).toMatchObject([
      { event_type: 'authority.created' },
      { event_type: 'project.created' },
    ]);
  });
});

describe('the limit of events', () => {
  it('SU-W6: is 100 unless it is named, and at most 1000', async () => {
    const { gateway, asRoot } = await openProject(await startTestGateway());
    const row = {
      at: gateway.clock.now(),
      level: 'info' as const,
      action: 'something.new',
      actor: 'gateway',
      holder: null,
      certificate: null,
      request_id: null,
      detail: '{}',
      project: 'p1',
      service: 'kafka-1',
    };
    await gateway.database.db.insertInto('audit_events').values(Array(1200).fill(row)).execute();
    const count = async (query: string) => {
      const { body } = await asRoot('get', `/v1/project/p1/events${query}`).expect(200);
      expect(body.events[0]).toMatchObject({
        event_desc: 'something.new',
        service_name: 'kafka-1',
        actor: 'gateway',
      });
      return body.events.length as number;
    };
    expect(await count('')).toBe(100);
    expect(await count('?limit=1')).toBe(1);
    expect(await count('?limit=999&more=x')).toBe(999);
    expect(await count('?limit=1000')).toBe(1000);
  });

  it.each(['0', '1001', '-1', '1e3', '', 'ten', '10&limit=20'])('is not %s', async (limit) => {
    const { asRoot } = await openProject(await startTestGateway());
    const refused = await asRoot('get', `/v1/project/p1/events?limit=${limit}`);
    expectRefusal(refused, 400, 'field-invalid');
  });
});
