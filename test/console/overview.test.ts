import { describe, expect, it } from '@jest/globals';
import { signIn } from '../support/console.js';
import { pair, startTestGateway } from '../support/gateway.js';
import { askForRotation, openGovernance } from '../support/governance.js';
import type { TestUser } from '../support/people.js';
import { passwordOf } from '../support/rotations.js';
import { day, openServiceHouse } from '../support/service-users.js';
import { addPerson } from '../people/person.js';

describe('the overview', () => {
  it('shows applications to who reads the gateway, and a project to its members alone', async () => {
    const gateway = await startTestGateway();
    const house = await openServiceHouse(gateway);
    await house.addService({ name: 'kafka-1' });
    await house.addUser('orders');
    await pair(gateway, 'shop');
    const admin = await signIn(gateway);
    const { text: all } = await admin.get('/').expect(200);
    expect(all).toContain('1 application');
    const event = '<a href="/audit?holder=shop">shop got a certificate with a token.</a>';
    expect(all).toContain(event);
    expect(all).not.toContain('1 service user');

    const { id, email, password } = await addPerson(gateway, "o'neil@example.com");
    const person = await signIn(gateway, { email, password });
    const { text: nothing } = await person.get('/').expect(200);
    expect(nothing).toContain('Nothing ends yet');
    const word = String.raw`'o'\''neil@example.com'`.replaceAll("'", '&#39;');
    expect(nothing).toContain(`add PROJECT ${word}</code>`);
    expect((await person.get('/projects')).text).toContain(`--admin ${word}</pre>`);
    expect(nothing).not.toMatch(/shop|kafka-1|href="\/applications/);

    await gateway.database.db
      .insertInto('project_members')
      .values({ project: 'p1', user_id: id, role: 'read_only', joined_at: gateway.clock.now() })
      .execute();
    const { text: own } = await person.get('/').expect(200);
    expect(own).toContain('1 service user');
    const allClear = 'Nothing that is on record ends in this time.';
    expect(own).toContain(allClear);
    expect(all).not.toContain(allClear);
    expect(own).not.toMatch(/shop|1 application/);
  });

  it('says what ends next, with where it is found, of what each may see', async () => {
    const gateway = await startTestGateway();
    const house = await openServiceHouse(gateway);
    await house.addService({ name: 'kafka-1' });
    await house.addUser('orders', { validitySeconds: 20 * day });
    await pair(gateway, 'shop');
    const jo = await addPerson(gateway);
    await gateway.database.db
      .insertInto('project_members')
      .values({ project: 'p1', user_id: jo.id, role: 'read_only', joined_at: gateway.clock.now() })
      .execute();
    const member = await signIn(gateway, jo);
    const admin = await signIn(gateway);
    const nextOf = async (visitor: typeof admin) => {
      const { text } = await visitor.get('/').expect(200);
      const table = /<h2 id="next-heading">.*?<\/section>/s.exec(text)?.[0] ?? '';
      return Array.from(table.matchAll(/<tr>\s*<th scope="row".*?<\/tr>/gs), ([row]) => row);
    };

    const [ofAdmin, ofMember] = [await nextOf(admin), await nextOf(member)];

    expect(ofAdmin.map(hrefOf)).toEqual([
      '/applications/shop',
      expect.stringMatching(/^\/authorities\/gateway\/[0-9a-f]{16}$/),
    ]);
    expect(ofMember.map(hrefOf)).toEqual([
      '/projects/p1/services/kafka-1/users/orders',
      '/projects/p1',
    ]);
    expect(ofMember.map((row) => row.includes('ends soon'))).toEqual([true, false]);
    expect(ofMember[0]).toContain('It is renewed by itself');
    for (const href of ofAdmin.map(hrefOf)) await admin.get(href).expect(200);
    for (const href of ofMember.map(hrefOf)) await member.get(href).expect(200);
    const { text } = await admin.get('/').expect(200);
    expect(text).toContain('<a href="/applications?state=valid">1 application</a>');
    const week = '/applications?state=ends-within-week';
    expect(text).toContain(`href="${week}"`);
    expect((await admin.get(week).expect(200)).text).toContain('No application is found by that');
    expect((await member.get('/')).text).not.toContain(week);
  });

  it('puts what needs somebody first, also where nothing of theirs ends', async () => {
    const governed = await openGovernance(await startTestGateway());
    const { gateway, ann, ben, outsider } = governed;
    await askForRotation(governed);
    const seenBy = async (user: TestUser) => {
      const visitor = await signIn(gateway, {
        email: user.email,
        password: await passwordOf(governed, user),
      });
      return (await visitor.get('/').expect(200)).text;
    };
    const decider = await seenBy(ben);
    expect(decider).toContain(`${ann.email} asks for new credentials of orders.`);
    expect(decider).not.toContain('Nothing ends yet');
    const bystander = await seenBy(outsider);
    expect(bystander).toMatch(/Nothing ends yet[^]*href="\/governance"/);

    const { id: user_id } = ben;
    const joined = { project: 'p1', user_id, role: 'read_only' as const };
    const members = gateway.database.db.insertInto('project_members');
    await members.values({ ...joined, joined_at: gateway.clock.now() }).execute();
    expect(await seenBy(ben)).toMatch(
      /<a href="#tasks-heading">One thing needs you<[^]*id="timeline-heading"[^]*id="tasks-heading"/,
    );
  });
});

function hrefOf(row: string): string {
  return /href="([^"]+)"/.exec(row)?.[1] ?? '';
}
