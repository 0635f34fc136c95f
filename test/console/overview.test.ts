import { describe, expect, it } from '@jest/globals';
import { signIn } from '../support/console.js';
import { pair, startTestGateway } from '../support/gateway.js';
import { openServiceHouse } from '../support/service-users.js';
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
    expect(all).toContain('shop got a certificate with a token.');
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
});
