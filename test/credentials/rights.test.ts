import { describe, expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import { startTestGateway } from '../support/gateway.js';
import { addUser, callAsUser, expectRefusal, openProject, startOn } from '../support/people.js';
import type { TestUser } from '../support/people.js';
import { eventsOf } from '../support/record.js';

/** Every route of a project with what its least caller is, each harmless enough to follow the one before. */
const routes = [
  ['get', '/v1/project/p1', undefined, 'any'],
  ['put', '/v1/project/p1', { cloud: 'x' }, 'admin'],
  ['get', '/v1/project/p1/users', undefined, 'any'],
  ['post', '/v1/project/p1/invite', { user_email: 'x@example.com' }, 'admin'],
  ['delete', '/v1/project/p1/invite/x%40example.com', undefined, 'admin'],
  ['put', '/v1/project/p1/user/target%40example.com', { member_type: 'operator' }, 'admin'],
  ['delete', '/v1/project/p1/user/target%40example.com', undefined, 'admin'],
  ['get', '/v1/project/p1/events', undefined, 'any'],
  ['delete', '/v1/project/p1', undefined, 'admin'],
] as const;

describeOnEachDatabase('the routes of a project', (fresh) => {
  it.each(['admin', 'operator', 'developer', 'read_only'] as const)(
    'serve %s what the role includes, and answer 403 to the rest without changing anything',
    async (role) => {
      const { gateway, addMember } = await openProject(await startOn(await fresh()));
      const user = await addMember(role);
      await addMember('developer', 'target@example.com');
      for (const [method, path, body, least] of routes) {
        const isAllowed = least === 'any' || role === 'admin';
        const answer = await callAsUser(gateway, user, method, path).send(body);
        if (isAllowed) expect([method, path, answer.status]).toEqual([method, path, 200]);
        else expectRefusal(answer, 403, 'right-missing');
      }
      const { db } = gateway.database;
      const left = await db.selectFrom('projects').select('default_cloud').execute();
      expect(left).toEqual(role === 'admin' ? [] : [{ default_cloud: '' }]);
    },
  );

  it('SU-C4: answer an outsider as if there were no project, byte for byte but for the request id', async () => {
    const { gateway } = await openProject(await startOn(await fresh()));
    const outsider = await addUser(gateway, 'outsider@example.com');
    for (const [method, path, body] of routes) {
      const texts = [];
      for (const name of ['p1', 'p2', 'P1', 'p%001', 'x'.repeat(300)]) {
        const place = path.replace('p1', name);
        const answer = await callAsUser(gateway, outsider, method, place).send(body);
        expectRefusal(answer, 404, 'project-unknown');
        texts.push(answer.text.replace(String(answer.headers['x-request-id']), 'ID'));
      }
      expect(new Set(texts).size).toBe(1);
    }
    expect((await eventsOf(gateway, 'project.changed', 'project.deleted')).length).toBe(0);
  });

  it('SU-W1: ask for a token before they say anything else, of a project that is there or not', async () => {
    const { gateway } = await openProject(await startOn(await fresh()));
    const stranger = { token: 'unknown' };
    const everywhere = [
      ...routes,
      ['get', '/v1/project', undefined],
      ['post', '/v1/project', { project: 'p2' }],
      ['get', '/v1/organizations', undefined],
      ['get', '/v1/organization/org00000000000', undefined],
      ['get', '/v1/organization/org00000000000/user', undefined],
      ['get', '/v1/organization/org00000000000/user-groups', undefined],
      ['patch', '/v1/organization/org00000000000/user-groups/ug0/members', {}],
    ] as const;
    for (const [method, path, body] of everywhere) {
      for (const place of [path, path.replace('p1', 'p2')]) {
        const nobody = await callAsUser(gateway, undefined, method, place).send(body);
        expectRefusal(nobody, 401, 'user-token-missing');
        const wrong = await callAsUser(gateway, stranger, method, place).send(body);
        expectRefusal(wrong, 401, 'user-token-invalid');
      }
    }
  });
});

describe('a token', () => {
  it.each([
    ['aivenv1 TOKEN', 200],
    ['AivenV1 TOKEN', 200],
    ['Bearer TOKEN', 200],
    ['bearer  TOKEN ', 200],
    ['Basic TOKEN', 401],
    ['TOKEN', 401],
    ['aivenv1 TOKENx', 401],
    ['aivenv1', 401],
  ])('SU-W1: is taken as %s: %i', async (form, status) => {
    const { gateway, root } = await openProject(await startTestGateway());
    const answer = await callAsUser(gateway, undefined, 'get', '/v1/project').set(
      'Authorization',
      form.replace('TOKEN', root.token),
    );
    expect(answer.status).toBe(status);
  });

  it('of an operator is none of a user, and the other way round', async () => {
    const { gateway, root } = await openProject(await startTestGateway());
    const operator = { token: gateway.adminToken };
    expectRefusal(
      await callAsUser(gateway, operator, 'get', '/v1/project'),
      401,
      'user-token-invalid',
    );
    await callAsUser(gateway, undefined, 'get', '/metrics')
      .set('Authorization', `Bearer ${root.token}`)
      .expect(401);
  });

  it.each([
    ['of a disabled user', { state: 'disabled' }],
    ['from before the last reset', { token_validity_begin: 4_000_000_000 }],
  ] as const)('%s is good no more', async (_what, change) => {
    const { gateway, root } = await openProject(await startTestGateway());
    await gateway.database.db.updateTable('users').set(change).execute();
    const refused = await callAsUser(gateway, root, 'get', '/v1/project');
    expectRefusal(refused, 401, 'user-token-invalid');
  });

  it('is good to its last second and expired in the next', async () => {
    const { gateway, root } = await openProject(await startTestGateway());
    const expires_at = gateway.clock.now() + 60;
    await gateway.database.db.updateTable('user_tokens').set({ expires_at }).execute();
    const ask = (user: TestUser) => callAsUser(gateway, user, 'get', '/v1/project');
    gateway.clock.advance(60);
    await ask(root).expect(200);
    gateway.clock.advance(1);
    expectRefusal(await ask(root), 401, 'user-token-invalid');
  });
});
