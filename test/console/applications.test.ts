import { describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import request from 'supertest';
import { startCentral } from '../support/central.js';
import { signIn } from '../support/console.js';
import {
  createToken,
  csrBody,
  holderFrom,
  pair,
  renew,
  startTestGateway,
  subjectOf,
  temporaryHome,
} from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { eventsOf } from '../support/record.js';
import { makeKey } from '../support/requests.js';
import { run } from '../support/run.js';
import { addPerson } from '../people/person.js';

const newToken = '/applications/tokens/new';
const newRevocation = '/applications/revocations/new';

describe('the pages of applications', () => {
  it('find an application by name, subject, serial number and fingerprint', async () => {
    const gateway = await startTestGateway();
    const shop = await pair(gateway, 'shop');
    await pair(gateway, 'shipping');
    const admin = await signIn(gateway);
    const find = async (query: Record<string, string>) => {
      const { text } = await admin
        .get(`/applications?${new URLSearchParams(query).toString()}`)
        .expect(200);
      return [...new Set(text.match(/href="\/applications\/s[^"#]*/g))].map((one) => one.slice(20));
    };
    const row = await gateway.database.db
      .selectFrom('certificates')
      .select('serial')
      .where('sha256', '=', shop.sha256)
      .executeTakeFirstOrThrow();
    expect(await find({})).toEqual(['shipping', 'shop']);
    expect(await find({ q: 'sho' })).toEqual(['shop']);
    expect(await find({ q: 'O=Organization, CN=shop' })).toEqual(['shop']);
    expect(await find({ q: shop.sha256.slice(0, 12).toUpperCase() })).toEqual(['shop']);
    expect(await find({ q: row.serial })).toEqual(['shop']);
    expect(await find({ after: 'shipping' })).toEqual(['shop']);
    expect(await find({ state: 'revoked' })).toEqual([]);
    expect(await find({ q: 'nobody' })).toEqual([]);
    const led = await admin.get('/applications?said=constructor').expect(200);
    expect(led.text).not.toContain('class="said"');
  });

  it('tell who had each certificate issued and by which token, and who revoked it', async () => {
    const gateway = await startTestGateway();
    const first = await pair(gateway, 'shop');
    gateway.clock.advance(60);
    const { body } = await renew(gateway, first).expect(201);
    const second = holderFrom(body, first);
    const admin = await signIn(gateway);
    const form = { certificate: second.sha256, reason: 'superseded' };
    const page = await admin.get(`${newRevocation}?certificate=${second.sha256}`).expect(200);
    expect(page.text).toContain('CN=shop');
    expect(page.text).toContain('superseded: another certificate has taken its place</option>');
    const done = await admin.post(newRevocation, form).expect(303);
    expect(done.headers['location']).toBe('/applications/shop?said=revoked');
    const { text } = await admin.get('/applications/shop').expect(200);
    const told = text.replaceAll(/<[^>]*>/g, '').replaceAll(/\s+/g, ' ');
    expect(told).toMatch(/enrolled by application:shop with the token [0-9a-f]{12}/);
    expect(told).toContain('renewed by application:shop');
    expect(told).toContain('by user:admin@localhost: superseded');
    await renew(gateway, second).expect(403);
  });

  it('say why an application is shut out, and what brings it back', async () => {
    const gateway = await startTestGateway();
    const first = await pair(gateway, 'shop');
    const { body } = await renew(gateway, first).expect(201);
    const lapsing = await pair(gateway, 'till');
    const admin = await signIn(gateway);
    const told = async (name: string, visitor = admin) =>
      (await visitor.get(`/applications/${name}`).expect(200)).text;
    expect(await told('shop')).not.toContain('It is shut out');

    const certificate = holderFrom(body, first).sha256;
    await admin.post(newRevocation, { certificate: first.sha256, reason: 'keyCompromise' });
    const { db } = gateway.database;
    const ended = { not_before: 1, not_after: gateway.clock.now() - 1 };
    await db.updateTable('certificates').set(ended).where('sha256', '=', lapsing.sha256).execute();

    const revoked = await told('shop');
    expect(revoked).toMatch(/It is shut out[^]*The last one was revoked\.[^]*make a new key/);
    expect(revoked).toContain('/applications/tokens/new?kind=application&amp;application=shop');
    expect(revoked).toContain(`id="c-${certificate}"`);
    expect(revoked).toContain(`along with <a href="#c-${first.sha256}"`);
    expect(revoked).not.toContain('--recover');
    await admin.get(/href="(\/audit\?[^"]+)"/.exec(revoked)?.[1] ?? '').expect(200);
    const expired = await told('till');
    expect(expired).toContain('The last one has expired.');
    expect(expired).toContain('npx everleaf token create --recover=till');
    const { id, email, password } = await addPerson(gateway);
    await setRole(gateway, id, 'auditor');
    expect(await told('till', await signIn(gateway, { email, password }))).toContain(
      'which an issuer or an administrator makes',
    );
  });

  it('take no hostile name for markup', async () => {
    const gateway = await startTestGateway();
    const admin = await signIn(gateway);
    const refused = await admin.post(newToken, { application: '<script>' }).expect(400);
    expect(refused.text).toContain('must not hold any of');
    expect(refused.text).toContain('value="&lt;script&gt;"');
    const hostile = "a'&nbsp $(id)";
    const made = await admin.post(newToken, { application: hostile }).expect(201);
    expect(made.text).toContain('CN=a&#39;\\&#39;&#39;&amp;nbsp $(id)&#39;');
    const page = await admin.get(`/applications/${encodeURIComponent(hostile)}`).expect(200);
    expect(page.text).toContain('<h1>a&#39;&amp;nbsp $(id)</h1>');
    const list = await admin.get('/applications?q=%3Cscript%3E').expect(200);
    expect(list.text).not.toContain('<script>');
    await admin.get('/applications/%3Cscript%3E').expect(404);
  });

  it('make a token once for who may, and revoke for who may', async () => {
    const gateway = await startTestGateway();
    const admin = await signIn(gateway);
    const made = await admin.post(newToken, { application: 'shop' }).expect(201);
    expect(made.headers['cache-control']).toContain('no-store');
    const token = /<code id="token">([^<]+)</.exec(made.text)?.[1] ?? '';
    expect(made.text).toContain(`/v1/applications/certificates?token=${token}`);
    await runLines(gateway, made.text);
    expect((await admin.get('/applications/shop').expect(200)).text).toContain('enrolled');
    const stored = await gateway.database.db
      .selectFrom('enrolment_tokens')
      .select(['application', 'created_by'])
      .execute();
    expect(stored).toEqual([{ application: 'shop', created_by: 'user:admin@localhost' }]);
    expect((await admin.get('/applications/shop').expect(200)).text).not.toContain(token);
    const wrong = await admin.post(newRevocation, { certificate: 'abc', reason: 'superseded' });
    expect([wrong.status, wrong.text.includes('value="abc"')]).toEqual([400, true]);
    const unnamed = { certificate: 'a'.repeat(64), reason: 'certificateHold' };
    await admin.post(newRevocation, unnamed).expect(400);
  });

  it('show who has no right no way to it, and answer 403', async () => {
    const gateway = await startTestGateway();
    const { sha256 } = await pair(gateway, 'shop');
    const { id, email, password } = await addPerson(gateway);
    const person = await signIn(gateway, { email, password });
    const revocation = { certificate: sha256, reason: 'superseded' };
    for (const path of ['/applications', '/applications/shop', newToken, newRevocation])
      await person.get(path).expect(403);

    await setRole(gateway, id, 'auditor');
    const list = await person.get('/applications').expect(200);
    const one = await person.get('/applications/shop').expect(200);
    expect(list.text + one.text).not.toMatch(/Make a token|Revoke/);

    await setRole(gateway, id, 'issuer');
    const own = await person.get('/applications').expect(200);
    expect(own.text).toContain('Make a token');
    expect(own.text).not.toContain('shop');
    await person.get('/applications/shop').expect(403);
    const asked = await person.get(`${newRevocation}?certificate=${sha256}`).expect(200);
    expect(asked.text).not.toContain('CN=shop');
    const done = await person.post(newRevocation, revocation).expect(303);
    expect(done.headers['location']).toBe('/applications?said=revoked');
  });

  it('withdraw a token that nobody has used, once, and say so', async () => {
    const gateway = await startTestGateway();
    await pair(gateway, 'shop');
    const token = await createToken(gateway, 'shop');
    const admin = await signIn(gateway);
    const page = await admin.get('/applications/shop').expect(200);
    const ids = Array.from(
      page.text.matchAll(/name="token" value="([0-9a-f]{12})"/g),
      ([, id]) => id,
    );
    expect(ids).toHaveLength(1);
    const withdraw = (id = '') => admin.post('/applications/shop/tokens/withdraw', { token: id });

    const statuses = await Promise.all([withdraw(ids[0]), withdraw(ids[0])]);

    expect(statuses.map(({ status }) => status).sort()).toEqual([303, 409]);
    const refused = await withdraw(ids[0]).expect(409);
    expect(refused.text).toContain('That token is not open any more, or there is none.');
    expect(refused.text).toMatch(/withdrawn<\/span>/);
    expect(refused.text).not.toContain('name="token" value=');
    await withdraw('\0').expect(409);
    await withdraw(token).expect(409);
    await request(gateway.urls.gateway)
      .post(`/v1/applications/certificates?token=${token}`)
      .ca(gateway.ca)
      .send(csrBody({ key: makeKey('prime256v1'), subject: subjectOf('shop') }))
      .expect(403);
    expect(await eventsOf(gateway, 'token.withdrawn')).toMatchObject([
      { actor: 'user:admin@localhost', holder: 'shop', detail: JSON.stringify({ token: ids[0] }) },
    ]);
  });

  it('make tokens for tenants and their runtimes in central mode, and keep what was typed', async () => {
    const gateway = await startCentral();
    const admin = await signIn(gateway);
    const form = { kind: 'application', tenant: 'acme', group: 'eu', application: 'shop' };
    expect((await admin.get(newToken).expect(200)).text).toMatch(/name="tenant"[^]*name="group"/);
    const made = await admin.post(newToken, form).expect(201);
    expect(made.text).toContain('Token for acme/eu/shop');
    expect(made.text).toContain('href="/applications/acme%2Feu%2Fshop"');
    const runtime = { ...form, kind: 'runtime', application: 'not of a runtime' };
    expect((await admin.post(newToken, runtime).expect(201)).text).toContain('Token for acme/eu<');
    for (const missing of ['tenant', 'group', 'application']) {
      const refused = await admin.post(newToken, { ...form, [missing]: ' ' }).expect(400);
      const kept = Object.entries(form).filter(([name]) => name !== missing && name !== 'kind');
      for (const [name, value] of kept)
        expect(refused.text).toContain(`name="${name}" value="${value}"`);
    }
    const stored = await gateway.database.db
      .selectFrom('enrolment_tokens')
      .select(['kind', 'tenant', 'tenant_group', 'application'])
      .orderBy('kind')
      .execute();
    const names = { tenant: 'acme', tenant_group: 'eu' };
    expect(stored).toEqual([
      { ...names, kind: 'application', application: 'shop' },
      { ...names, kind: 'runtime', application: '' },
    ]);
  });
});

/** Does what the page says that the application does. */
async function runLines({ ca }: TestGateway, page: string): Promise<void> {
  const folder = temporaryHome();
  const unescaped = page
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
  const file = /href="data:application\/x-pem-file;base64,([^"]+)" download="ca.crt"/.exec(
    page,
  )?.[1];
  expect(Buffer.from(file ?? '', 'base64').toString()).toBe(ca);
  writeFileSync(join(folder, 'ca.crt'), ca);
  for (const name of ['openssl-lines', 'curl-lines']) {
    const lines = new RegExp(`<pre id="${name}">([^<]+)</pre>`).exec(
      unescaped.replaceAll('&gt;', '>'),
    );
    const ended = await run(['sh', '-ec', lines?.[1] ?? 'false'], { cwd: folder });
    expect(ended).toMatchObject({ code: 0 });
  }
  const shown = ['openssl', 'x509', '-noout', '-subject', '-in', 'shop.crt'] as const;
  expect((await run(shown, { cwd: folder })).stdout).toMatch(/CN ?= ?shop/);
}

async function setRole(
  { database }: TestGateway,
  id: string,
  role: 'auditor' | 'issuer',
): Promise<void> {
  await database.db.updateTable('users').set({ gateway_role: role }).where('id', '=', id).execute();
}
