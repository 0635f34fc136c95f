import { describe, expect, it } from '@jest/globals';
import { addPerson, callAsUser } from '../people/person.js';
import { commandLine } from '../support/command-line.js';
import { signIn } from '../support/console.js';
import { addDeadAnnouncement } from '../support/console-town.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { openProject, startOn } from '../support/people.js';
import { eventsOf } from '../support/record.js';

async function withRole(gateway: TestGateway, role: 'administrator' | 'issuer' | 'auditor') {
  const person = await addPerson(gateway, `${role}@example.com`);
  const row = gateway.database.db.updateTable('users').set({ gateway_role: role });
  await row.where('id', '=', person.id).execute();
  return person;
}

describe('the pages of operators', () => {
  it('are shown to who may read', async () => {
    const gateway = await startTestGateway();
    const admin = await signIn(gateway);
    const auditor = await signIn(gateway, await withRole(gateway, 'auditor'));
    const issuer = await signIn(gateway, await withRole(gateway, 'issuer'));
    const nobody = await signIn(gateway, await addPerson(gateway));
    const { id } = await addPerson(gateway, 'ann@example.com');
    const person = `/people/users/${id}`;
    const paths = ['/authorities', '/authorities/projects', '/audit', '/announcements', person];
    for (const path of [...paths, '/people', '/audit/export.csv', '/audit/export.jsonl']) {
      const statuses = [];
      for (const visitor of [admin, auditor, issuer, nobody])
        statuses.push((await visitor.get(path)).status);
      expect([path, ...statuses]).toEqual([path, 200, 200, 403, 403]);
    }
  });

  it('change the role of a user, but leave one administrator', async () => {
    const gateway = await startTestGateway();
    const admin = await signIn(gateway);
    const jo = await addPerson(gateway);
    const path = `/people/users/${jo.id}`;
    const first = /people\/users\/(\w+)">admin@localhost/.exec((await admin.get('/people')).text);
    const own = await admin.post(`/people/users/${first?.[1] ?? ''}/role`, { role: 'none' });
    expect([own.status, own.text]).toEqual([
      409,
      expect.stringContaining('the only administrator'),
    ]);
    await admin.post(`${path}/role`, { role: 'owner' }).expect(400);
    await admin.post(`${path}/role`, { role: 'administrator' }).expect(303);
    await (await signIn(gateway, jo)).get('/authorities').expect(200);
    await admin.post(`/people/users/${first?.[1] ?? ''}/role`, { role: 'none' }).expect(303);
    await admin.get('/authorities').expect(403);
    const events = await eventsOf(gateway, 'user.role-changed');
    expect(events.map(({ actor, holder, detail }) => [actor, holder, detail])).toEqual([
      ['user:admin@localhost', jo.email, '{"from":"none","to":"administrator"}'],
      ['user:admin@localhost', 'admin@localhost', '{"from":"administrator","to":"none"}'],
    ]);
  });

  it('bar a user with every token and session, and let the user in again', async () => {
    const gateway = await startTestGateway();
    const admin = await signIn(gateway);
    const person = await addPerson(gateway);
    const jo = await signIn(gateway, person);
    const page = `/people/users/${person.id}`;
    const shown = (await admin.get(page).expect(200)).text;
    expect(shown).toContain(`href="/audit?actor=user%3Ajo%40example.com"`);
    expect(shown).toContain(`Disable ${person.email}</button>`);
    const ownId = /people\/users\/(\w+)">admin@localhost/.exec(
      (await admin.get('/people')).text,
    )?.[1];
    const own = `/people/users/${ownId ?? ''}`;
    expect((await admin.get(own).expect(200)).text).not.toContain(`${own}/state`);

    await admin.post(`${page}/state`, { state: 'gone' }).expect(400);
    await admin.post(`${own}/state`, { state: 'disabled' }).expect(409);
    const done = await admin.post(`${page}/state`, { state: 'disabled' }).expect(303);
    expect(done.headers['location']).toBe(`${page}?said=disabled`);
    await jo.get('/tokens').expect(303);
    await callAsUser(gateway, person.token, 'get', '/v1/me').expect(401);
    const twice = await admin.post(`${page}/state`, { state: 'disabled' }).expect(409);
    expect(twice.text).toContain('is disabled already');
    expect(twice.text).toContain('value="active">Enable<');

    gateway.clock.advance(1);
    await admin.post(`${page}/state`, { state: 'active' }).expect(303);
    await jo.get('/tokens').expect(303);
    await callAsUser(gateway, person.token, 'get', '/v1/me').expect(401);
    await (await signIn(gateway, person)).get('/tokens').expect(200);
    const events = await eventsOf(gateway, 'user.disabled', 'user.enabled');
    expect(events.map(({ action, actor, holder }) => [action, actor, holder])).toEqual([
      ['user.disabled', 'user:admin@localhost', person.email],
      ['user.enabled', 'user:admin@localhost', person.email],
    ]);
  });

  it('follow a role that the command line gives and takes', async () => {
    const gateway = await startTestGateway();
    const person = await addPerson(gateway);
    const jo = await signIn(gateway, person);
    const admin = await signIn(gateway);
    const page = `/people/users/${person.id}`;
    await jo.get('/authorities').expect(403);
    expect(await commandLine(gateway, 'people role Jo@example.com auditor')).toEqual({
      email: person.email,
      role: 'auditor',
    });
    const read = await jo.get('/authorities').expect(200);
    expect(read.text).not.toContain('action="/authorities/steps"');
    expect((await admin.get(page)).text).toContain('<option selected>auditor');
    await commandLine(gateway, `people role ${person.email} administrator`);
    const shown = await jo.get('/authorities').expect(200);
    expect(shown.text).toContain('action="/authorities/steps"');
    await commandLine(gateway, `people role ${person.email} none`);
    await jo.get('/authorities').expect(403);
    const events = await eventsOf(gateway, 'user.role-changed');
    expect(events.map(({ actor, detail }) => [actor, detail])).toEqual([
      ['cli:test', '{"from":"none","to":"auditor"}'],
      ['cli:test', '{"from":"auditor","to":"administrator"}'],
      ['cli:test', '{"from":"administrator","to":"none"}'],
    ]);
  });

  it('show groups to the admins of their organization, escaped, and change members', async () => {
    const gateway = await startTestGateway();
    const admin = await signIn(gateway);
    const member = await addPerson(gateway);
    const jo = await signIn(gateway, member);
    const organization = /organizations\/(\w+)"/.exec((await admin.get('/people')).text)?.[1] ?? '';
    const page = `/people/organizations/${organization}`;
    const name = '<img src=x onerror=alert(1)>';
    const group = (await admin.post(`${page}/groups`, { name }).expect(303)).headers['location'];
    const again = await admin.post(`${page}/groups`, { name, description: 'kept' }).expect(409);
    expect(again.text).toContain('value="kept"');
    const path = String(group).replace(/\?.*/, '');
    const order = { operation: 'add_members', user: member.id };
    await admin.post(`${path}/members`, order).expect(303);
    const shown = await admin.get(path).expect(200);
    expect(shown.text).toContain(`Remove ${member.email}`);
    expect((await admin.get(page)).text + shown.text).not.toContain('<img src=x');
    for (const refused of [jo.get(page), jo.get(path)]) expect((await refused).status).toBe(403);
    await admin.post(`${path}/delete`).expect(303);
    await admin.get(path).expect(404);
  });

  it('make a token that is shown once and works, and withdraw it with its session', async () => {
    const gateway = await startTestGateway();
    const jo = await addPerson(gateway);
    const visitor = await signIn(gateway, jo);
    const made = await visitor.post('/tokens', { description: '=1+1', life: '30' }).expect(200);
    const token = /evu_[\w-]{43}/.exec(made.text)?.[0] ?? '';
    expect(made.headers['cache-control']).toBe('no-store');
    await callAsUser(gateway, token, 'get', '/v1/me').expect(200);
    expect((await visitor.get('/tokens')).text).not.toContain(token);
    await visitor.post('/tokens/withdraw', { token: token.slice(0, 12) }).expect(303);
    await callAsUser(gateway, token, 'get', '/v1/me').expect(401);
    await visitor.post('/tokens/withdraw', { token: 'evu_other' }).expect(404);
    gateway.clock.advance(1);
    await visitor.post('/tokens/withdraw-all').expect(303);
    await callAsUser(gateway, jo.token, 'get', '/v1/me').expect(401);
    await visitor.get('/tokens').expect(303);
  });
});

describeOnEachDatabase('the announcements', (fresh) => {
  it('are sent again once they were given up, and once only', async () => {
    const gateway = await startOn(await fresh());
    const id = await addDeadAnnouncement(gateway);
    const admin = await signIn(gateway);
    const page = await admin.get('/announcements?state=dead').expect(200);
    expect(page.text).toContain(`name="id" value="${id}"`);
    const done = await admin.post('/announcements/retry', { id }).expect(303);
    expect(done.headers['location']).toBe('/announcements?said=retried');
    const again = await admin.post('/announcements/retry', { id }).expect(409);
    expect(again.text).toContain('is tried again by itself');
    await admin.post('/announcements/retry', { id: '%' }).expect(404);
    expect((await admin.get('/announcements?state=dead')).text).not.toContain(id);
    const [event, ...others] = await eventsOf(gateway, 'announcement.retried');
    expect([event?.actor, others]).toEqual(['user:admin@localhost', []]);
  });
});

describeOnEachDatabase('the list of people', (fresh) => {
  it('is searched by the beginning of an address', async () => {
    const gateway = await startOn(await fresh());
    await openProject(gateway);
    const admin = await signIn(gateway);

    const users = (await admin.get('/people?q=root')).text;

    expect(users).toContain('root@example.com');
    expect(users).not.toContain('admin@localhost</a>');
  });
});

describeOnEachDatabase('two administrators', (fresh) => {
  it('who take each other the role at once leave one of them', async () => {
    const gateway = await startOn(await fresh());
    const people = [
      await addPerson(gateway, 'one@example.com'),
      await addPerson(gateway, 'two@example.com'),
    ] as const;
    const ids = people.map(({ id }) => id);
    const [one, two] = [await signIn(gateway, people[0]), await signIn(gateway, people[1])];
    const take = (id: string) => [`/people/users/${id}/role`, { role: 'none' }] as const;
    for (let round = 0; round < 4; round += 1) {
      const users = gateway.database.db.updateTable('users');
      await users.set({ gateway_role: null }).execute();
      await users.set({ gateway_role: 'administrator' }).where('id', 'in', ids).execute();

      const answers = await Promise.all([
        one.post(...take(people[1].id)),
        two.post(...take(people[0].id)),
      ]);

      const query = gateway.database.db.selectFrom('users').select('id');
      const left = await query.where('gateway_role', '=', 'administrator').execute();
      expect(left).toHaveLength(1);
      const statuses = answers.map(({ status }) => status).sort();
      expect([303, [403, 409].includes(statuses[1] ?? 0)]).toEqual([statuses[0], true]);
    }
  });
});
