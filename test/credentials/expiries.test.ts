import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { commandLine } from '../support/command-line.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { pair, renew, startTestGateway } from '../support/gateway.js';
import { addUser, callAsUser, expectRefusal, openProject } from '../support/people.js';
import type { TestUser } from '../support/people.js';
import { day, startServiceHouse } from '../support/service-users.js';
import type { ServiceHouse } from '../support/service-users.js';

interface Shown {
  readonly kind: string;
  readonly project_name: string | null;
  readonly service_name: string | null;
  readonly username: string | null;
  readonly state: string;
  readonly not_valid_after_time: string;
  readonly certificate_sha256: string;
  readonly to_act: string;
  readonly advice: string;
}

const projectPath = '/v1/project/p1/expiries';

function get({ gateway, root }: ServiceHouse, path: string, user: TestUser = root) {
  return callAsUser(gateway, user, 'get', path);
}

async function listed(house: ServiceHouse, path: string, user?: TestUser): Promise<Shown[]> {
  const { body } = await get(house, path, user).expect(200);
  return body.expiries as Shown[];
}

const inShort = ({ kind, project_name, username, state, to_act }: Shown): string =>
  `${kind} ${String(project_name)} ${String(username)} ${state} ${to_act}`;

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 19) + 'Z';

/** `p1` with a user renewed and pending, one to be renewed later and one of a service without power; and `p2`. */
async function openExpiring(database: { readonly url: string }): Promise<ServiceHouse> {
  const house = await startServiceHouse(database);
  await house.addService();
  await house.addUser('pending');
  await house.addService({ name: 'off-1' });
  await house.addUser('dark', { service: 'off-1', validitySeconds: 780 * day });
  await house.addUser('later', { validitySeconds: 900 * day });
  await house.addProject('p2', { authoritySeconds: 775 * day });
  await house.changeService({ name: 'off-1', isPowered: false });
  house.gateway.clock.advance(735 * day);
  await house.pass();
  return house;
}

describeOnEachDatabase('what expires when', (fresh) => {
  it('is sorted by its end and says what it is, how it stands and who has to act', async () => {
    const house = await openExpiring(await fresh());
    const path = `/v1/organization/${house.organization}/expiries?within=200d`;
    const all = await listed(house, path);
    expect(all.map(inShort)).toEqual([
      'project_ca p2 null current admins',
      'service_user p1 dark current members',
      'service_user p1 pending pending members',
      'service_user p1 later current gateway',
    ]);
    const { pending } = await house.find('pending');
    expect(all[2]).toEqual({
      kind: 'service_user',
      project_name: 'p1',
      service_name: 'kafka-1',
      username: 'pending',
      state: 'pending',
      not_valid_after_time: iso(pending?.oldNotAfter ?? 0),
      certificate_sha256: pending?.oldSha256,
      to_act: 'members',
      advice: expect.stringContaining('acknowledge'),
    });
    expect((await listed(house, projectPath)).map(inShort)).toEqual([
      'service_user p1 dark current members',
      'service_user p1 pending pending members',
    ]);
    // What has ended stays while it is the current one; an old one that has ended is nobody's concern.
    house.gateway.clock.advance(90 * day);
    expect((await listed(house, `${projectPath}?within=1d`)).map(inShort)).toEqual([
      'service_user p1 dark current members',
    ]);
    await house.acknowledge(await house.find('pending'));
    const { db } = house.gateway.database;
    await db.updateTable('certificates').set({ revoked_at: 1 }).execute();
    expect(await listed(house, `${projectPath}?within=800d`)).toEqual([]);
  });

  it('comes in pages that have each end once', async () => {
    const house = await openExpiring(await fresh());
    for (const name of ['a', 'b', 'c']) await house.addUser(name, { validitySeconds: 60 * day });
    const path = `/v1/organization/${house.organization}/expiries?within=10000d`;
    const whole = await listed(house, path);
    expect(whole).toHaveLength(9);
    const paged: Shown[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const from: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await get(house, `${path}&limit=3${from}`).expect(200);
      paged.push(...(body.expiries as Shown[]));
      cursor = body.next_cursor as string | null;
    }
    expect(paged).toEqual(whole);
  });

  it('is for members: of an organisation, those of the projects that they may read', async () => {
    const house = await openExpiring(await fresh());
    const { gateway, organization } = house;
    const reader = await house.addMember('read_only');
    const outsider = await addUser(gateway, 'outsider@example.com');
    const ofOrganization = `/v1/organization/${organization}/expiries`;
    expect(await listed(house, projectPath, reader)).toHaveLength(2);
    for (const path of [projectPath, '/v1/project/none/expiries'])
      expectRefusal(await get(house, path, outsider), 404, 'project-unknown');
    expectRefusal(await get(house, ofOrganization, reader), 404, 'resource-unknown');
    const joined_at = gateway.clock.now();
    const member = { organization_id: organization, user_id: reader.id, is_admin: 0, joined_at };
    await gateway.database.db.insertInto('organization_members').values(member).execute();
    const seen = await listed(house, ofOrganization, reader);
    expect(seen.map(({ project_name }) => project_name)).toEqual(['p1', 'p1']);
    expectRefusal(
      await callAsUser(gateway, undefined, 'get', projectPath),
      401,
      'user-token-missing',
    );
  });
});

describe('the query of what expires', () => {
  it('takes what it knows and refuses the rest, whatever is sent', async () => {
    const { asRoot } = await openProject(await startTestGateway());
    const sha = 'a'.repeat(64);
    for (const query of [
      'within=0d',
      'within=90',
      'within=99999d',
      'within=1d&within=2d',
      'limit=0',
      'limit=1001',
      'limit=1e2',
      'cursor=',
      'cursor=1',
      `cursor=-1.${sha}`,
      `cursor=1.${sha}0`,
      `cursor=1.${sha.toUpperCase()}`,
      'format=xml',
      'format=',
    ])
      expectRefusal(await asRoot('get', `${projectPath}?${query}`), 400, 'field-invalid');
    for (const query of ['limit=999', `cursor=999999999999.${sha}`, 'other=1', 'format=json'])
      await asRoot('get', `${projectPath}?${query}`).expect(200);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('within', 'limit', 'cursor', 'format'),
        fc.string({ maxLength: 12 }),
        async (name, value) => {
          const answer = await asRoot('get', `${projectPath}?${name}=${encodeURIComponent(value)}`);
          expect([200, 400]).toContain(answer.status);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('everleaf expiry', () => {
  it('lists everything on record, applications and authorities too, or one project', async () => {
    const gateway = await startTestGateway({
      EVERLEAF_CA_VALIDITY: '80d',
      EVERLEAF_CLIENT_VALIDITY: '30d',
    });
    const holder = await pair(gateway, 'shop');
    gateway.clock.advance(day);
    await renew(gateway, holder).expect(201);
    const all = await commandLine<Shown[]>(gateway, 'expiry');
    expect(all.map(inShort)).toEqual([
      'application null null current holder',
      'gateway_ca null null current operator',
    ]);
    expect(await commandLine<Shown[]>(gateway, 'expiry --within 1d')).toEqual([]);
    await expect(commandLine(gateway, 'expiry --project none')).rejects.toThrow(
      'everleaf project list',
    );
  });
});
