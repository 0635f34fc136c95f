import { describe, expect, it } from '@jest/globals';
import { startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { addUser, callAsUser, openProject } from '../support/people.js';
import { eventsOf } from '../support/record.js';
import { everleaf, everleafJson } from './everleaf.js';

type Answer = Readonly<Record<string, unknown>>;

const homeOf = ({ home }: TestGateway) => ({ EVERLEAF_HOME: home });

/** What people read, which must be free of errors. */
async function textOf(gateway: TestGateway, ...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await everleaf(homeOf(gateway), ...words);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

describe('everleaf organization, project and group', () => {
  it('open the API to a first admin', async () => {
    const gateway = await startTestGateway();
    const user = await addUser(gateway, 'me@example.com');
    const made = await textOf(gateway, 'organization', 'create', 'Example', '--admin', user.email);
    const [, id = ''] =
      /^ID +(org[0-9a-f]{11})\nName +Example\nAdmin +me@example.com\n$/.exec(made) ?? [];
    expect(await textOf(gateway, 'organization', 'list')).toMatch(
      new RegExp(`^${id}  Example `, 'm'),
    );
    const project = await everleafJson<Answer>(
      homeOf(gateway),
      ...['project', 'create', 'p1', '--admin', user.email, '--tech-email', 'ops@example.com'],
      ...['--organization', id],
    );
    expect(project).toMatchObject({
      name: 'p1',
      organization: id,
      techEmails: ['ops@example.com'],
      certificateValidity: null,
    });
    const { body } = await callAsUser(gateway, user, 'get', '/v1/project/p1/users').expect(200);
    expect(body.users).toMatchObject([{ user_email: 'me@example.com', member_type: 'admin' }]);
    expect(await textOf(gateway, 'project', 'list')).toMatch(new RegExp(`^p1    ${id} `, 'm'));
    expect(await textOf(gateway, 'project', 'show', 'p1')).toMatch(
      /^Name {22}p1\n[^]*Technical addresses {7}ops@example.com\nValidity of certificates {2}-\n/,
    );
    const events = await eventsOf(gateway, 'organization.created', 'project.created');
    expect(events.map(({ actor }) => actor)).toEqual(Array(2).fill(expect.stringMatching(/^cli:/)));
  });

  it('project member adds, invites, changes, lists and removes', async () => {
    const { gateway } = await openProject(await startTestGateway());
    await addUser(gateway, 'dev@example.com');
    const member = (...words: readonly string[]) => textOf(gateway, 'project', 'member', ...words);
    expect(await member('add', 'p1', 'dev@example.com')).toBe(
      'dev@example.com is a member of p1 as developer.\n',
    );
    expect(await member('add', 'p1', 'new@example.com', '--role', 'operator')).toContain(
      'is invited to p1 as operator',
    );
    await member('change', 'p1', 'dev@example.com', '--role', 'read_only');
    const list = (await member('list', 'p1')).split('\n').map((line) => line.split(/ {2,}/));
    expect(list.map((cells) => cells.slice(0, 3))).toEqual([
      ['ADDRESS', 'ROLE', 'STATE'],
      ['dev@example.com', 'read_only', 'member'],
      ['root@example.com', 'admin', 'member'],
      ['new@example.com', 'operator', 'invited'],
      [''],
    ]);
    await member('remove', 'p1', 'dev@example.com');
    await member('remove', 'p1', 'new@example.com');
    expect(await everleafJson(homeOf(gateway), 'project', 'member', 'list', 'p1')).toMatchObject([
      { email: 'root@example.com' },
    ]);
  });

  it('organization member and group member change who is in', async () => {
    const { gateway, organization } = await openProject(await startTestGateway());
    const of = ['--organization', organization] as const;
    const add = ['group', 'member', 'add', 'owners', 'dev@example.com', ...of] as const;
    await addUser(gateway, 'dev@example.com');
    await textOf(gateway, 'group', 'create', 'owners', ...of);
    expect((await everleaf(homeOf(gateway), ...add)).stderr).toBe(
      'everleaf: dev@example.com is no member of the organization: everleaf organization member add makes it one.\n',
    );
    expect(await textOf(gateway, 'organization', 'member', 'add', 'dev@example.com', ...of)).toBe(
      'dev@example.com is a member of the organization.\n',
    );
    await textOf(gateway, ...add);
    expect(await textOf(gateway, 'group', 'list', ...of)).toMatch(/^ug\w{11} {2}owners {2}1 /m);
    expect(await textOf(gateway, 'group', 'member', 'list', 'owners', ...of)).toContain(
      'dev@example.com',
    );
    await textOf(gateway, 'organization', 'member', 'remove', 'dev@example.com', ...of);
    expect(await everleafJson(homeOf(gateway), 'group', 'member', 'list', 'owners', ...of)).toEqual(
      [],
    );
    expect(
      await everleafJson(homeOf(gateway), 'organization', 'member', 'list', ...of),
    ).toMatchObject([{ email: 'root@example.com', isAdmin: true }]);
    expect(await textOf(gateway, 'group', 'delete', 'owners', ...of)).toBe(
      'Group owners is deleted.\n',
    );
  });

  it.each([
    [['project', 'show', 'p2'], 'There is no project p2: everleaf project list shows them.'],
    [['project', 'create', 'p1', '--organization', 'ORG'], 'A project p1 already exists.'],
    [
      ['project', 'create', 'p2', '--admin', 'x@y.z', '--organization', 'ORG'],
      'There is no user x@y.z.',
    ],
    [
      ['project', 'member', 'remove', 'p1', 'root@example.com'],
      'root@example.com is the last admin of the project: make another member admin first.',
    ],
    [['project', 'member', 'add', 'p2', 'x@y.z'], 'Project not found.'],
    [
      ['group', 'delete', 'owners', '--organization', 'ORG'],
      'There is no group owners: everleaf group list shows them.',
    ],
    [['organization', 'create', ' '], 'organization_name has 1 to 64 characters'],
  ])('end with 1 and one sentence on stderr: %j', async (words, sentence) => {
    const { gateway, organization } = await openProject(await startTestGateway());
    const named = words.map((word) => (word === 'ORG' ? organization : word));
    const { code, stdout, stderr } = await everleaf(homeOf(gateway), ...named);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^everleaf: [^\n]+\n$/);
    expect(stderr).toContain(sentence);
  });

  it('take the organization of the first start, and ask where there are more', async () => {
    const gateway = await startTestGateway();
    const create = (name: string) => everleaf(homeOf(gateway), 'project', 'create', name);
    expect((await create('p1')).code).toBe(0);
    await textOf(gateway, 'organization', 'create', 'Two');
    expect((await create('p2')).stderr).toContain('name one with --organization');
  });
});
