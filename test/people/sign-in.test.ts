import { describe, expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import { startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { addPerson, callAsUser, firstPassword, signIn } from './person.js';
import { eventsOf } from '../support/record.js';
import { startReplicas } from '../support/replicas.js';
import { expectAivenFailure } from './aiven-shape.js';

const refused = {
  status: 403,
  reason: 'login-failed',
  message: 'There is no user with this address and password.',
} as const;

async function hashOf(gateway: TestGateway, email: string): Promise<string> {
  const { db } = gateway.database;
  const query = db.selectFrom('users').select('password_hash').where('email', '=', email);
  return (await query.executeTakeFirstOrThrow()).password_hash ?? '';
}

describeOnEachDatabase('a sign-in', (fresh) => {
  it('SU-W1: gives a token that works in both forms, and a costlier hash the first time', async () => {
    const [gateway] = await startReplicas((await fresh()).url);
    const credentials = { email: 'Admin@LocalHost', password: firstPassword(gateway) };
    expect(await hashOf(gateway, 'admin@localhost')).toMatch(/^\$scrypt\$ln=10,r=8,p=1\$/);

    const { body } = await signIn(gateway, credentials).expect(200);

    expect(body).toEqual({
      token: expect.stringMatching(/^evu_[\w-]{43}$/),
      state: 'active',
      user: 'admin@localhost',
      user_email: 'admin@localhost',
      user_id: expect.stringMatching(/^u[0-9a-f]{12}$/),
    });
    for (const scheme of ['aivenv1', 'AIVENV1', 'Bearer', 'bearer']) {
      await callAsUser(gateway, undefined, 'get', '/v1/me')
        .set('Authorization', `${scheme} ${String(body.token)}`)
        .expect(200);
    }
    const hash = await hashOf(gateway, 'admin@localhost');
    expect(hash).toMatch(/^\$scrypt\$ln=17,r=8,p=1\$/);
    await signIn(gateway, credentials).expect(200);
    expect(await hashOf(gateway, 'admin@localhost')).toBe(hash);
    expectAivenFailure(await signIn(gateway, { ...credentials, password: 'x' }), refused);
    expect(await eventsOf(gateway, 'user.signed-in')).toEqual(
      Array(2).fill(
        expect.objectContaining({ actor: 'user:admin@localhost', holder: 'admin@localhost' }),
      ),
    );
  });

  it('answers the same for no user, a wrong password and a disabled user', async () => {
    const [gateway] = await startReplicas((await fresh()).url);
    const { id, email, password } = await addPerson(gateway);
    const wrong = await signIn(gateway, { email, password: 'wrong' });
    const { db } = gateway.database;
    await db.updateTable('users').set({ state: 'disabled' }).where('id', '=', id).execute();
    const answers = [
      wrong,
      await signIn(gateway, { email, password }),
      await signIn(gateway, { email: 'nobody@example.com', password }),
    ];
    for (const answer of answers) expectAivenFailure(answer, refused);
    expect(await eventsOf(gateway, 'user.signed-in')).toEqual([]);
    const events = await eventsOf(gateway, 'user.sign-in-refused');
    expect(events.map(({ holder }) => holder)).toEqual([email, null]);
  });
});

/** Sign-ins from other addresses, as a proxy tells them. */
async function behindProxy() {
  const gateway = await startTestGateway({ EVERLEAF_ADMIN_PROXIES: '127.0.0.1' });
  const from = (address: string, credentials: { email: string; password: string }) =>
    signIn(gateway, credentials).set('X-Forwarded-For', address).set('X-Forwarded-Proto', 'https');
  return { gateway, from };
}

/** What so many requests at once were answered, in order of the status. */
async function statusesOf(times: number, send: (turn: number) => PromiseLike<{ status: number }>) {
  const answers = await Promise.all(Array.from({ length: times }, (_, turn) => send(turn)));
  return answers.map(({ status }) => status).sort();
}

describe('too many failures', () => {
  it('lock one address out of one account for five minutes, at once or one by one, and nobody else', async () => {
    const { gateway, from } = await behindProxy();
    const { email, password } = await addPerson(gateway);
    const guess = { email, password: 'guess' };
    const statuses = await statusesOf(7, () => from('192.0.2.1', guess));
    expect(statuses).toEqual([...Array<number>(5).fill(403), 429, 429]);

    const locked = await from('192.0.2.1', { email, password });

    expectAivenFailure(locked, { status: 429, reason: 'rate-limited' });
    expect(locked.headers['retry-after']).toBe('300');
    await from('192.0.2.2', { email, password }).expect(200);
    const other = await addPerson(gateway, 'other@example.com');
    await from('192.0.2.1', other).expect(200);
    gateway.clock.advance(299);
    await from('192.0.2.1', { email, password }).expect(429);
    gateway.clock.advance(1);
    await from('192.0.2.1', { email, password }).expect(200);
    const events = await eventsOf(gateway, 'user.sign-in-refused');
    expect(events.map(({ level }) => level).sort()).toEqual(['info', 'warning', 'warning']);
    expect(events.every(({ actor }) => actor === 'address:192.0.2.1')).toBe(true);
  });

  it('say nothing about whether there is such an account', async () => {
    const { from } = await behindProxy();
    const nobody = { email: 'nobody@example.com', password: 'guess' };
    const statuses = await statusesOf(5, () => from('192.0.2.1', nobody));
    expect(statuses).toEqual(Array(5).fill(403));
    const locked = await from('192.0.2.1', nobody);
    expectAivenFailure(locked, {
      status: 429,
      reason: 'rate-limited',
      message: 'Too many attempts to sign in as this user: try again in 300 seconds.',
    });
  });

  it('from everywhere slow an account down, but not where its owner has been', async () => {
    const { gateway, from } = await behindProxy();
    const { email, password } = await addPerson(gateway);
    await from('198.51.100.7', { email, password }).expect(200);
    const guess = { email, password: 'guess' };
    const statuses = await statusesOf(10, (turn) => from(`192.0.2.${String(turn)}`, guess));
    expect(statuses).toEqual(Array(10).fill(403));

    const slowed = await from('192.0.2.99', { email, password });

    expect([slowed.status, slowed.headers['retry-after']]).toEqual([429, '1']);
    await from('198.51.100.7', { email, password }).expect(200);
    gateway.clock.advance(2);
    await from('192.0.2.99', { email, password }).expect(200);
  });

  it('from everywhere slow its owner down where the last sign-in was 90 days ago', async () => {
    const { gateway, from } = await behindProxy();
    const { email, password } = await addPerson(gateway);
    const ownerAt = (address: string) => from(address, { email, password });
    await ownerAt('198.51.100.7').expect(200);
    gateway.clock.advance(1);
    await ownerAt('198.51.100.8').expect(200);
    gateway.clock.advance(90 * 86_400 - 1);
    const guess = { email, password: 'guess' };
    await statusesOf(10, (turn) => from(`192.0.2.${String(turn)}`, guess));

    await ownerAt('198.51.100.7').expect(429);
    await ownerAt('198.51.100.8').expect(200);
  });

  it('from one address, whatever the account, end in 429', async () => {
    const gateway = await startTestGateway();
    const statuses = await statusesOf(31, () =>
      callAsUser(gateway, undefined, 'post', '/v1/userauth').send('{}'),
    );
    expect(statuses).toEqual([...Array<number>(30).fill(400), 429]);
  });
});
