import { expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { describeInChromium, lookHere, openAs } from '../support/chromium.js';
import { isCramped, unheard } from '../support/for-everybody.js';
import { pair, startTestGateway } from '../support/gateway.js';
import { askForRotation, openGovernance } from '../support/governance.js';
import type { Governed } from '../support/governance.js';
import { callAsUser } from '../support/people.js';
import { addAccess, approve, passwordOf } from '../support/rotations.js';
import { renewUser } from '../support/services.js';

/** They come by a form alone: the tests of their flows look at them. */
const afterForms = [
  'application-token-made',
  'governance-save',
  'governance-unseen',
  'service-user-files',
];

describeInChromium('every page of the console', (open) => {
  it('has no serious violation, fits the window in each size and theme, and says what is what', async () => {
    const governed = await openGovernance(await startTestGateway());
    const { gateway, ann } = governed;
    const person = { email: ann.email, password: await passwordOf(governed, ann) };
    const page = await open();
    const errors: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await page.goto(`${gateway.urls.admin}/sign-in`);
    const complaints = await lookHere(page, 'sign-in');
    const paths = await pathsIn(governed);
    const titles: string[] = [];
    await openAs(page, gateway, { person });

    for (const [view, path] of Object.entries(paths)) {
      const answer = await page.goto(`${gateway.urls.admin}${path}`);
      if (answer?.status() !== 200) complaints.push(`${view}: ${String(answer?.status())} ${path}`);
      complaints.push(...(await lookHere(page, view)));
      complaints.push(...(await unheard(page)).map((one) => `${view}: ${one}`));
      if (await isCramped(page)) complaints.push(`${view}: wider than 320 pixels`);
      titles.push(await page.title());
    }

    expect([...complaints, ...errors]).toEqual([]);
    expect(titles.filter((title, at) => titles.indexOf(title) !== at)).toEqual([]);
    expect([...Object.keys(paths), ...afterForms, 'sign-in'].sort()).toEqual(views());
  }, 240_000);
});

function views(): string[] {
  const folder = new URL('../../src/console/views/', import.meta.url);
  return readdirSync(folder)
    .filter((name) => readFileSync(new URL(name, folder), 'utf8').includes("layout('./layout'"))
    .map((name) => name.replace('.eta', ''))
    .sort();
}

/** Everything there is, for somebody who may see all of it; by view. */
async function pathsIn(governed: Governed): Promise<Readonly<Record<string, string>>> {
  const { gateway, organization, group, access, ann } = governed;
  const { db } = gateway.database;
  await db
    .updateTable('users')
    .set({ gateway_role: 'administrator' })
    .where('id', '=', ann.id)
    .execute();
  await db
    .updateTable('organization_members')
    .set({ is_admin: 1 })
    .where('user_id', '=', ann.id)
    .execute();
  const { sha256 } = await pair(gateway, 'billing');
  await fillProject(governed);
  const { pending, review } = await fillRequests(governed);
  const { id } = await db
    .selectFrom('authorities')
    .select('id')
    .where('purpose', 'not like', 'project%')
    .executeTakeFirstOrThrow();
  const service = '/projects/p1/services/kafka-1';
  const governance = `/governance/${organization}`;
  return {
    overview: '/',
    applications: '/applications',
    application: '/applications/billing',
    'application-token': '/applications/tokens/new',
    'application-revocation': `/applications/revocations/new?certificate=${sha256}`,
    projects: '/projects',
    project: '/projects/p1',
    service,
    'service-users': `${service}/users`,
    'service-user': `${service}/users/app`,
    'service-user-renewal': `${service}/users/app/renewal`,
    'service-user-reset': `${service}/users/app/reset`,
    'governance-organizations': '/governance',
    'governance-accesses': `${governance}/access`,
    'governance-ask': `${governance}/access/${access}/request-rotation`,
    'governance-approvals': `${governance}/approvals`,
    'governance-requests': `${governance}/requests`,
    'governance-request': `${governance}/access/${access}/rotations${pending}`,
    'governance-review': `${governance}/access/${review}/credentials`,
    authorities: '/authorities',
    authority: `/authorities/gateway/${id}`,
    'project-authorities': '/authorities/projects',
    'project-authority': '/authorities/projects/p1',
    people: '/people',
    person: `/people/users/${ann.id}`,
    organization: `/people/organizations/${organization}`,
    group: `/people/organizations/${organization}/groups/${group}`,
    tokens: '/tokens',
    audit: '/audit',
    announcements: '/announcements',
  };
}

/** A second service, a member, and a user whose renewal waits; Ann is in a second organisation too. */
async function fillProject({ gateway, root, ann }: Governed): Promise<void> {
  const asRoot = (path: string, body: object) =>
    callAsUser(gateway, root, 'post', path).send(body).expect(200);
  await asRoot('/v1/project/p1/invite', { user_email: ann.email, member_type: 'admin' });
  const pg = { service_name: 'pg-1', service_type: 'pg', user_config: { host: 'db.example.com' } };
  await asRoot('/v1/project/p1/service', pg);
  await asRoot('/v1/project/p1/service/kafka-1/user', { username: 'app' });
  await renewUser(gateway, 'app');
  const now = gateway.clock.now();
  const other = { id: 'org00000000001', name: 'Another one', created_at: now, updated_at: now };
  const { db } = gateway.database;
  await db.insertInto('organizations').values(other).execute();
  const membership = { organization_id: other.id, user_id: ann.id, is_admin: 0, joined_at: now };
  await db.insertInto('organization_members').values(membership).execute();
}

/** One request that Ann may decide on, and one of hers whose credentials wait; their paths. */
async function fillRequests(governed: Governed): Promise<{ pending: string; review: string }> {
  const { ann, ben } = governed;
  const message = { message: 'The laptop was stolen.\nPlease hurry.' };
  const second = await addAccess(governed, 'invoices', [ann, ben]);
  const rotations: Governed['rotations'] = (user, method, path, body) =>
    governed.as(user, method, `/access/${second.access}/rotations${path}`, body);
  const owned = { ...governed, ...second, rotations };
  const review = await askForRotation(owned, message, ann);
  await approve(owned, review, ben);
  const pending = await askForRotation(governed, message, ben);
  return { pending, review: `${second.access}/rotations${review}` };
}
