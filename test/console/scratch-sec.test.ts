import { expect, it } from '@jest/globals';
import request from 'supertest';
import { addPerson } from '../people/person.js';
import { ownPage, signIn } from '../support/console.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { startOn, openProject } from '../support/people.js';
import { openConsoleHouse } from '../support/console-services.js';

void openProject; void addPerson;
describeOnEachDatabase('fuzz', (fresh) => {
  it('never 500', async () => {
    const gateway = await startOn(await fresh());
    await openConsoleHouse(gateway).catch((e: unknown) => { console.log('house', String(e)); });
    const admin = await signIn(gateway);
    await gateway.database.db.insertInto('organization_members').values({
      organization_id: (await gateway.database.db.selectFrom('organizations').select('id').executeTakeFirstOrThrow()).id,
      user_id: (await gateway.database.db.selectFrom('users').select('id').where('email','=','admin@localhost').executeTakeFirstOrThrow()).id,
      is_admin: 1, joined_at: 1 }).onConflict((c) => c.doNothing()).execute();
    const org = (await gateway.database.db.selectFrom('organizations').select('id').executeTakeFirstOrThrow()).id;
    await gateway.database.db.insertInto('project_members').values({ project: 'p1', user_id: (await gateway.database.db.selectFrom('users').select('id').where('email','=','admin@localhost').executeTakeFirstOrThrow()).id, role: 'admin', created_at: 1 } as never).execute().catch((e: unknown) => { console.log(String(e)); });
    const bad: string[] = [];
    const evil = ['%00', 'a%00b', 'x'.repeat(6000), '%ED%A0%80', '%F0%9F%98%80', '..', '%2e%2e', '%2F..%2F', '__proto__', 'constructor', '99999999999999999999', '-1', '%', "'--", '1e999'];
    const S = '/projects/p1/services/kafka-1';
    const pages: Record<string, string[]> = {
      '/': ['said'], '/sign-in': ['next'], '/applications': ['q','state','after','said'], '/applications/tokens/new': ['application','tenant','group','kind'],
      '/applications/revocations/new': ['certificate','reason'], '/projects': ['said'], '/projects/p1': ['said'], [S]: ['said'], [`${S}/users`]: ['q','after','said'],
      [`${S}/users/app`]: ['said'], [`${S}/users/app/renewal`]: ['said'], '/governance': ['said'], [`/governance/${org}/access`]: ['topic','group','cursor'],
      [`/governance/${org}/approvals`]: ['cursor'], [`/governance/${org}/requests`]: ['state','access','group','cursor'], '/authorities': ['said'], '/authorities/projects': ['after','said'],
      '/people': ['q','after'], '/tokens': ['said'], '/audit': ['action','actor','holder','project','since','until','before'], '/audit/export.csv': ['action','since','until','project'],
      '/announcements': ['state','at','key','said'], '/announcements?at=1': ['key'], [`/people/organizations/${org}`]: ['said'],
    };
    const look = async (path: string) => {
      const answer = await admin.get(path);
      if (answer.status >= 500) bad.push(`GET ${path.slice(0, 90)} ${answer.status}`);
      if (/native code|\[object/.test(answer.text ?? '')) bad.push(`GET ${path.slice(0, 90)} shows a prototype`);
      return answer.status;
    };
    const seen: string[] = [];
    for (const [page, words] of Object.entries(pages)) {
      seen.push(`${page} ${await look(page)}`);
      for (const word of words) for (const e of evil) await look(`${page}${page.includes('?') ? '&' : '?'}${word}=${e}`);
    }
    console.log(seen.join('\n'));
    for (const p of ['/applications/@','/projects/@','/projects/@/ca.pem','/projects/p1/services/@',`${S}/users/@`,`${S}/users/@/reset`,'/governance/@/access',`/governance/${org}/access/@/request-rotation`,`/governance/${org}/access/@/rotations/@/credentials`,`/governance/${org}/access/a/rotations/@`,'/authorities/gateway/@','/authorities/gateway/@/certificate.pem','/authorities/projects/@','/authorities/projects/p1/ca/@/certificate.pem','/people/users/@','/people/organizations/@',`/people/organizations/${org}/groups/@`,'/assets/@'])
      for (const e of evil) await look(p.replaceAll('@', e));
    const posts: [string, string[], Record<string,string>][] = [
      ['/applications/tokens/new', ['application','tenant','group','kind'], {application: 'x'}],
      ['/applications/revocations/new', ['certificate','reason'], {certificate: 'a'.repeat(64), reason: 'unspecified'}],
      ['/tokens', ['description','life','extend'], {}], ['/tokens/withdraw', ['token'], {}],
      ['/authorities/steps', ['step','authority'], {step: 'activate'}], ['/authorities/projects/p1/steps', ['step'], {}],
      ['/announcements/retry', ['id'], {}], [`/people/organizations/${org}/groups`, ['name','description'], {name: 'g'}],
      [`/people/organizations/${org}/groups/aa/members`, ['operation','user'], {operation:'add_members', user: 'a'}],
      [`${S}/users/app/credentials`, ['show'], {}], [`${S}/users/app/download`, ['format'], {}],
      [`${S}/users/app/renewal`, ['seen','again'], {seen: 'k'}], [`${S}/users/app/reset`, ['seen'], {seen: 'k'}],
      [`${S}/users/@/reset`, ['seen'], {}], [`/people/users/@/role`, ['role'], {}], ['/projects/@/services/x/users/y/reset', ['seen'], {}],
      [`/governance/${org}/access/aa/request-rotation`, ['message','revoke_old'], {}],
      [`/governance/${org}/access/aa/rotations/bb/approve`, ['digest'], {}], [`/governance/${org}/access/aa/rotations/bb/decline`, ['reason'], {}],
    ];
    for (const [path, fields, base] of posts) for (const f of fields) for (const e of ['\0', 'a\0b', 'x'.repeat(5000), '\ud800', '__proto__', '..']) {
      const at = path.replaceAll('@', encodeURIComponent(e.slice(0, 300).toWellFormed()));
      const answer = await admin.post(at, { ...base, [f]: e.toWellFormed() });
      if (answer.status >= 500 || answer.status === 401) bad.push(`POST ${at.slice(0,90)} ${f}=${JSON.stringify(e).slice(0,20)} ${answer.status}`);
    }
    for (const e of ['\0', 'a\0b@x', 'x'.repeat(60000), '%ED%A0%80']) for (const f of ['email','password','next']) {
      const answer = await request(gateway.urls.admin).post('/sign-in').ca(gateway.ca).set(ownPage(gateway)).type('form').send({ email: 'admin@localhost', password: 'x', [f]: e });
      bad.push(...(answer.status >= 500 ? [`POST /sign-in ${f}=${JSON.stringify(e).slice(0,20)} ${answer.status}`] : []));
    }
    expect(bad).toEqual([]);
  }, 180_000);
});
