import { describe, expect, it } from '@jest/globals';
import { makeListEvents } from '../../src/authority/audit-review.js';
import { makeListProjectAuthorities } from '../../src/authority/project-authority-list.js';
import { makeOutboxReview } from '../../src/notifications/outbox-review.js';
import { addPerson, callAsUser } from '../people/person.js';
import { signIn } from '../support/console.js';
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
  it('are shown to who may read, with controls for administrators alone', async () => {
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
    for (const path of ['/authorities', person]) {
      expect((await admin.get(path)).text).toContain(`action="${path}`);
      expect((await auditor.get(path)).text).not.toContain(`action="${path}`);
    }
    const posts = ['/authorities/steps', '/authorities/projects/p1/steps', `${person}/role`];
    for (const path of [...posts, '/announcements/retry'])
      for (const visitor of [auditor, issuer, nobody]) await visitor.post(path).expect(403);
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
    for (const refused of [jo.get(page), jo.get(path), jo.post(`${path}/members`, order)])
      expect((await refused).status).toBe(403);
    await (await signIn(gateway, member)).post(`${path}/delete`).expect(403);
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

describeOnEachDatabase('the lists of operators', (fresh) => {
  it('go through the audit log, the CAs of projects and the outbox page by page', async () => {
    const gateway = await startOn(await fresh());
    const { db } = gateway.database;
    await openProject(gateway);
    const now = gateway.clock.now();
    const blank = { holder: null, certificate: null, request_id: null, service: null };
    const rows = Array.from({ length: 7 }, (_, index) => ({
      ...blank,
      at: now - 100_000 + index * 10_000,
      level: 'info' as const,
      action: index % 2 === 0 ? 'test.even' : 'test.odd',
      actor: '=cmd|1',
      project: 'p1',
      detail: '{"a":"x,\\"y"}',
    }));
    await db.insertInto('audit_events').values(rows).execute();
    const list = makeListEvents(db);
    const even = await list({ action: 'test.even' }, { limit: 3 });
    const rest = await list({ action: 'test.even' }, { before: even.at(-1)?.id, limit: 3 });
    expect([even.length, rest.length]).toEqual([3, 1]);
    const within = { actor: '=cmd|1', since: now - 90_000, until: now - 60_000 };
    expect((await list(within, { limit: 9 })).map(({ at }) => now - at)).toEqual([
      70_000, 80_000, 90_000,
    ]);
    const admin = await signIn(gateway);
    const csv = await admin.get('/audit/export.csv?action=test.odd').expect(200);
    expect(csv.text.split('\r\n').slice(1, -1)).toEqual(
      Array(3).fill(expect.stringMatching(/,test\.odd,'=cmd\|1,,,,p1,,"\{""a"":""x,\\""y""\}"$/)),
    );
    const lines = await admin.get('/audit/export.jsonl?project=p1&action=test.even').buffer(true);
    expect(lines.text.trim().split('\n')).toHaveLength(4);
    await admin.get('/audit?since=yesterday').expect(400);

    const projects = makeListProjectAuthorities(db);
    expect((await projects({ after: '', limit: 5 })).map((one) => one.project)).toEqual(['p1']);
    expect(await projects({ after: 'p1', limit: 5 })).toEqual([]);

    const users = (await admin.get('/people?q=root')).text;
    expect([users.includes('root@example.com'), users.includes('admin@localhost</a>')]).toEqual([
      true,
      false,
    ]);
    expect(await makeOutboxReview(db).list({ state: 'dead', limit: 5 })).toEqual([]);
  });
});
