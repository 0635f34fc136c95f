import { expect, it } from '@jest/globals';
import { Agent } from 'node:https';
import request from 'supertest';
import { ownPage } from '../support/console.js';
import { formsOf, openConsole, patternOf } from '../support/console-routes.js';
import type { HeldSession } from '../support/console-routes.js';
import { fillTown, townspeople } from '../support/console-town.js';
import type { Townsperson } from '../support/console-town.js';
import { startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';

const everybody = Object.keys(townspeople) as Townsperson[];
const ofProject: readonly Townsperson[] = ['root', 'operator', 'developer', 'reader'];
const ofOrganization: readonly Townsperson[] = ['root', 'ann', 'ben', 'outsider'];

const user = '/projects/:project/services/:service/users/:username';
const access = '/governance/:organization/access/:access';
const groups = '/people/organizations/:organization/groups';

interface Right {
  readonly may: readonly Townsperson[];
  /** What would be done, were it not refused. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** Who may post what. A form that is not in here fails the test below: say here who may. */
const rights: Readonly<Record<string, Right>> = {
  '/sign-out': { may: everybody },
  '/applications/tokens/new': { may: ['administrator', 'issuer'], fields: { application: 'shop' } },
  '/applications/revocations/new': {
    may: ['administrator', 'issuer'],
    fields: { certificate: ':certificate', reason: 'superseded' },
  },
  '/applications/:name/tokens/withdraw': {
    may: ['administrator'],
    fields: { token: ':token' },
  },
  [`${user}/credentials`]: { may: ['root', 'operator', 'developer'], fields: { show: 'key' } },
  [`${user}/download`]: { may: ['root', 'operator', 'developer'], fields: { format: 'pem' } },
  [`${user}/acknowledgement`]: { may: ['root', 'operator'] },
  [`${user}/renewal`]: { may: ['root', 'operator'], fields: { again: 'yes' } },
  [`${user}/reset`]: { may: ['root', 'operator'] },
  [`${access}/request-rotation`]: {
    may: ['ann', 'ben'],
    fields: { message: 'lost', revoke_old: 'keep' },
  },
  [`${access}/rotations/:rotation/approve`]: { may: ['ben'], fields: { digest: ':digest' } },
  [`${access}/rotations/:rotation/decline`]: { may: ['ben'], fields: { reason: 'no' } },
  [`${access}/rotations/:rotation/delete`]: { may: ['ann'] },
  [`${access}/rotations/:rotation/credentials`]: { may: ['ann'] },
  '/authorities/steps': { may: ['administrator'], fields: { step: 'prepare' } },
  '/authorities/projects/:project/steps': { may: ['administrator'], fields: { step: 'prepare' } },
  '/people/users/:user/role': { may: ['administrator'], fields: { role: 'administrator' } },
  '/people/users/:user/state': { may: ['administrator'], fields: { state: 'disabled' } },
  [groups]: { may: ['root'], fields: { name: 'new' } },
  [`${groups}/:group/members`]: {
    may: ['root'],
    fields: { operation: 'remove_members', user: ':member' },
  },
  [`${groups}/:group/delete`]: { may: ['root'] },
  '/tokens': { may: everybody, fields: { description: 'new', life: '30' } },
  '/tokens/withdraw': { may: everybody, fields: { token: ':token' } },
  '/tokens/withdraw-all': { may: everybody },
  '/announcements/retry': { may: ['administrator'], fields: { id: ':announcement' } },
};

/** Strangers are not told that what the path names is there: to them it is missing (404). */
const secretive: readonly (readonly [prefix: string, insiders: readonly Townsperson[]])[] = [
  ['/projects/:project', ofProject],
  ['/governance/:organization', ofOrganization],
  ['/people/organizations/:organization', ofOrganization],
];

/** Open to who has no session. */
const forAnybody = ['/sign-in', '/assets/:name'];
const withoutThose = (patterns: readonly string[]) =>
  patterns.filter((pattern) => !forAnybody.includes(pattern));

it('shows each form of the console to who may send it, and refuses everybody else', async () => {
  const gateway = await startTestGateway();
  const fill = await fillTown(gateway);
  const { routes, begin } = await openConsole(gateway);
  const browser = browserOf(gateway);
  const town = { gateway, fill, browser, begin: (one: Townsperson) => begin(townspeople[one]) };
  const posts = withoutThose(routes.post);
  const pages = withoutThose(routes.get).map((pattern) => fill(pattern));
  expect([...posts].sort()).toEqual(Object.keys(rights).sort());

  for (const path of pages) {
    const { status, headers } = await browser.get(path);
    const next = path === '/' ? '' : `?next=${encodeURIComponent(path)}`;
    expect([path, status, headers['location']]).toEqual([path, 303, `/sign-in${next}`]);
  }
  const may = posts.map((pattern) => [pattern, rights[pattern]?.may] as const);
  expect(await formsShown(town, pages, posts)).toEqual(Object.fromEntries(may));

  const record = await readRecord(gateway);
  for (const [pattern, right] of Object.entries(rights)) {
    await sendWithoutRight(town, pattern, right);
    await sendAsNoPageDoes(town, pattern, right);
    expect([pattern, await readRecord(gateway)]).toEqual([pattern, record]);
  }
  const foreign = browser.post('/sign-in').set('Origin', elsewhere);
  expect((await foreign).status).toBe(403);

  for (const [pattern, allowed = []] of may) {
    for (const person of allowed) {
      const { status } = await browser.post(fill(pattern), await town.begin(person));
      expect([person, pattern, [401, 403].includes(status)]).toEqual([person, pattern, false]);
    }
  }
  browser.close();
});

interface Town {
  readonly gateway: TestGateway;
  readonly fill: Awaited<ReturnType<typeof fillTown>>;
  readonly browser: ReturnType<typeof browserOf>;
  readonly begin: (person: Townsperson) => Promise<HeldSession>;
}

const elsewhere = 'https://elsewhere.example';

/** By each form that somebody sees on any page, who does. */
async function formsShown(
  { browser, begin }: Town,
  pages: readonly string[],
  posts: readonly string[],
): Promise<Readonly<Record<string, readonly Townsperson[]>>> {
  const shown = new Map<string, Set<Townsperson>>();
  for (const person of everybody) {
    const session = await begin(person);
    for (const path of pages) {
      const { status, text } = await browser.get(path, session);
      expect([person, path, [200, 303, 403, 404].includes(status)]).toEqual([person, path, true]);
      for (const action of formsOf(path, text)) {
        const pattern = patternOf(action, posts) ?? action;
        shown.set(pattern, (shown.get(pattern) ?? new Set()).add(person));
      }
    }
  }
  return Object.fromEntries([...shown].map(([pattern, people]) => [pattern, [...people]]));
}

/** With a session and its token, each by somebody who may not. */
async function sendWithoutRight(town: Town, pattern: string, right: Right): Promise<void> {
  const insiders = secretive.find(([prefix]) => pattern.startsWith(prefix))?.[1] ?? everybody;
  for (const person of everybody.filter((one) => !right.may.includes(one))) {
    const { status } = await send(town, pattern, right, await town.begin(person));
    const expected = insiders.includes(person) ? 403 : 404;
    expect([person, pattern, status]).toEqual([person, pattern, expected]);
  }
}

/** By somebody who may, but as no page of that session sends it. */
async function sendAsNoPageDoes(town: Town, pattern: string, right: Right): Promise<void> {
  const [owner = 'administrator'] = right.may;
  const { cookie, formToken } = await town.begin(owner);
  const other = await town.begin(owner);
  const own = { cookie, formToken };
  const calls = {
    'no session': send(town, pattern, right),
    'no token': send(town, pattern, right, { cookie, formToken: '' }),
    'token of another session': send(town, pattern, right, { ...other, formToken }),
    'foreign page': send(town, pattern, right, own).set('Origin', elsewhere),
  };
  const statuses: [string, number][] = [];
  for (const [name, call] of Object.entries(calls)) statuses.push([name, (await call).status]);
  expect([pattern, ...statuses]).toEqual([
    pattern,
    ['no session', 401],
    ['no token', 403],
    ['token of another session', 403],
    ['foreign page', 403],
  ]);
}

function send({ browser, fill }: Town, pattern: string, right: Right, session?: HeldSession) {
  const fields = Object.entries(right.fields ?? {});
  const filled = fields.map(([name, value]) => [name, fill(value, pattern)] as const);
  return browser.post(fill(pattern), session, Object.fromEntries(filled));
}

/** Asks over connections that live on, with a session or without. */
function browserOf(gateway: TestGateway) {
  const agent = new Agent({ keepAlive: true, ca: gateway.ca });
  const ask = (method: 'get' | 'post', path: string, session?: HeldSession) => {
    const test = request(gateway.urls.admin)[method](path).agent(agent).set(ownPage(gateway));
    return session ? test.set('Cookie', session.cookie) : test;
  };
  return {
    get: (path: string, session?: HeldSession) => ask('get', path, session),
    post: (path: string, session?: HeldSession, fields: Readonly<Record<string, string>> = {}) =>
      ask('post', path, session)
        .type('form')
        .send({ form_token: session?.formToken ?? '', ...fields }),
    close: () => {
      agent.destroy();
    },
  };
}

const changedMeanwhile = ['sessions', 'leases', 'outbox'];

/** All that is on record but who may go on; of the audit log what was done, not what was refused. */
async function readRecord({ database: { db } }: TestGateway): Promise<unknown> {
  const tables = await db.introspection.getTables();
  const rows = [];
  for (const { name } of tables.filter(({ name }) => !changedMeanwhile.includes(name))) {
    const found = await db
      .selectFrom(name as 'audit_events')
      .selectAll()
      .execute();
    rows.push([name, found.filter(({ action }) => action !== 'request.refused')]);
  }
  const outbox = db.selectFrom('outbox').select(['dedupe_key', 'state']);
  const announcements = await outbox.orderBy('dedupe_key').execute();
  // What waits may leave meanwhile; what was given up stays so until somebody sends it again.
  rows.push([
    'outbox',
    announcements.map(({ dedupe_key, state }) => [dedupe_key, state === 'dead']),
  ]);
  return Object.fromEntries(rows);
}
