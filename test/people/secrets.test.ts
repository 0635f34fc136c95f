import { expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { describeOnEachDatabase } from '../support/databases.js';
import type { TestGateway } from '../support/gateway.js';
import { addPerson, callAsUser, firstPassword, signIn } from './person.js';
import { startReplicas } from '../support/replicas.js';

/** Every row of every table, and every line of the log. */
async function everythingKept(gateway: TestGateway): Promise<string> {
  const { db } = gateway.database;
  const kept: unknown[] = [gateway.logs];
  for (const { name } of await db.introspection.getTables())
    kept.push((await sql`select * from ${sql.table(name)}`.execute(db)).rows);
  return JSON.stringify(kept);
}

describeOnEachDatabase('passwords and tokens', (fresh) => {
  it('are nowhere in the database, in the log or in an answer that need not show them', async () => {
    const [gateway] = await startReplicas((await fresh()).url);
    const jo = await addPerson(gateway);
    const typed = 'correct horse battery staple';
    const answers = [
      await signIn(gateway, { email: typed.replaceAll(' ', '@'), password: typed }),
      await signIn(gateway, { email: `${typed.replaceAll(' ', '-')}@x`, password: typed }),
      await callAsUser(gateway, undefined, 'post', '/v1/userauth').send(`{"password":"${typed}`),
      await callAsUser(gateway, undefined, 'get', `/v1/me?password=${encodeURIComponent(typed)}`),
    ];
    const signedIn = await signIn(gateway, jo).expect(200);
    const made = await callAsUser(gateway, jo.token, 'post', '/v1/access_token').send({});
    const tokens = [jo.token, String(signedIn.body.token), String(made.body.full_token)];
    const one = `/v1/access_token/${String(made.body.full_token)}`;
    answers.push(
      await callAsUser(gateway, jo.token, 'get', '/v1/access_token'),
      await callAsUser(gateway, jo.token, 'put', one).send({ description: 'x' }),
      await callAsUser(gateway, jo.token, 'delete', one),
      await callAsUser(gateway, jo.token, 'delete', one),
      await callAsUser(gateway, `${jo.token}x`, 'get', '/v1/me'),
    );

    const kept = (await everythingKept(gateway)) + JSON.stringify(answers.map(({ text }) => text));

    expect(kept).toContain('user.sign-in-refused');
    const secrets = [typed, typed.replaceAll(' ', '-'), typed.replaceAll(' ', '@')];
    for (const secret of [...secrets, jo.password, firstPassword(gateway)])
      expect(kept).not.toContain(secret);
    for (const token of tokens) expect(kept).not.toContain(token.slice(12));
  });
});
