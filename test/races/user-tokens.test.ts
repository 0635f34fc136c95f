import { expect, it } from '@jest/globals';
import { makeUserStore } from '../../src/people/user-store.js';
import type { User } from '../../src/people/user-store.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { addPerson, addTokenOf, callAsUser } from '../people/person.js';
import { eventsOf } from '../support/record.js';
import { atOnce, startReplicas } from '../support/replicas.js';

const path = '/v1/access_token';
const statusesOf = (answers: readonly { readonly status: number }[]) =>
  answers.map(({ status }) => status).sort();

describeOnEachDatabase('tokens of a user on two replicas', (fresh) => {
  it('are withdrawn once by 20 requests at once, by prefix and in full', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const { token, id } = await addPerson(replicas[0]);
    const other = await addTokenOf(replicas[0], id);
    const names = [other, other.slice(0, 12)];

    const answers = await atOnce(replicas, 20, (gateway, turn) =>
      callAsUser(gateway, token, 'delete', `${path}/${names[turn % 4 < 2 ? 0 : 1] ?? ''}`),
    );

    expect(statusesOf(answers)).toEqual([200, ...Array<number>(19).fill(404)]);
    expect(await eventsOf(replicas[0], 'user-token.withdrawn')).toHaveLength(1);
  });

  it('that are made while all are withdrawn are withdrawn too, or were not made', async () => {
    const replicas = await startReplicas((await fresh()).url);
    for (let round = 0; round < 5; round += 1) {
      const { token, id } = await addPerson(replicas[0], `jo-${String(round)}@example.com`);

      const answers = await atOnce(replicas, 12, (gateway, turn) =>
        turn === 5
          ? callAsUser(gateway, token, 'post', '/v1/me/expire_tokens')
          : callAsUser(gateway, token, 'post', path).send({}),
      );

      const { db } = replicas[0].database;
      const query = db.selectFrom('user_tokens').select('prefix').where('user_id', '=', id);
      expect(await query.execute()).toEqual([]);
      expect(answers[5]?.status).toBe(200);
      for (const { status } of answers) expect([200, 401]).toContain(status);
    }
  });

  it('are not given to whom was disabled, or got another password, while one was compared', async () => {
    const [{ database, clock }, other] = await startReplicas((await fresh()).url);
    const { id, email } = await addPerson(other);
    const users = makeUserStore(database.db);
    const change = (values: { password_hash?: string; state?: 'active' | 'disabled' }) =>
      database.db.updateTable('users').set(values).where('id', '=', id).execute();
    const mayStill = async (before: User | undefined) =>
      before && database.transaction((trx) => users.signIn(before, undefined, clock.now(), trx));

    const before = await users.findByEmail(email);
    expect(await mayStill(before)).toBe(true);
    await change({ state: 'disabled' });
    expect(await mayStill(before)).toBe(false);
    await change({ state: 'active', password_hash: 'another' });
    expect(await mayStill(before)).toBe(false);
    expect(await users.findByEmail(email)).toMatchObject({ passwordHash: 'another' });
  });
});
