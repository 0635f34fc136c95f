import { describe, expect, it } from '@jest/globals';
import { addPerson } from '../people/person.js';
import { signIn } from '../support/console.js';
import { startTestGateway } from '../support/gateway.js';
import { openGovernance } from '../support/governance.js';
import { callAsUser } from '../support/people.js';

const page = '/projects/p1/services/kafka-1/users/orders';

describe('a user whom an access owns', () => {
  it('has no control that changes it, but the way to governance; withheld, nothing is shown', async () => {
    const gateway = await startTestGateway();
    const { root, organization } = await openGovernance(gateway);
    const person = await addPerson(gateway, 'operator@console.example.com');
    await callAsUser(gateway, root, 'post', '/v1/project/p1/invite')
      .send({ user_email: person.email, member_type: 'operator' })
      .expect(200);
    const operator = await signIn(gateway, person);
    const { text } = await operator.get(page).expect(200);
    expect(text).toContain(`<a href="/governance/${organization}">orders</a>`);
    expect(text).toContain('Show access key');
    for (const word of ['Renew now', 'Reset credentials']) expect(text).not.toContain(word);
    for (const name of ['renewal', 'reset']) {
      const asked = await operator.get(`${page}/${name}`).expect(200);
      expect(asked.text).not.toContain(`action="${page}/${name}"`);
    }
    await gateway.database.db
      .updateTable('service_users')
      .set({ is_withheld: 1 })
      .where('username', '=', 'orders')
      .execute();
    const withheld = await operator.get(page).expect(200);
    for (const word of ['Show access key', 'Show access cert', 'PKCS#12'])
      expect(withheld.text).not.toContain(word);
    expect(withheld.text).toContain('neither key nor certificate is shown here');
    const asked = await operator.post(`${page}/credentials`, { show: 'key' }).expect(200);
    expect(asked.text).not.toContain('-----BEGIN');
  });
});
