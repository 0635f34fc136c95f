import { expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import {
  approvedRotation,
  askForRotation,
  openGovernance,
  ordersAccess,
  userPath,
} from '../support/governance.js';
import type { Governed } from '../support/governance.js';
import { makeNodeRequest } from '../support/node-requests.js';
import { addOrganization, addUser, callAsUser, expectRefusal, startOn } from '../support/people.js';
import { eventsOf } from '../support/record.js';
import { newKafka } from '../support/services.js';

const detailOf = ({ detail }: { readonly detail: string }) => JSON.parse(detail) as object;

/** The body of an access to another user of the service. */
function accessTo(
  { group }: Governed,
  data: object = {},
  more: object = {},
): ReturnType<typeof ordersAccess> {
  const body = ordersAccess(group);
  return { ...body, ...more, access_data: { ...body.access_data, ...data } };
}

/** When the certificates of a service user were revoked, the oldest first. */
async function revocationsOf({ gateway }: Governed, username: string) {
  const rows = await gateway.database.db
    .selectFrom('certificates')
    .select(['sha256', 'revoked_at'])
    .where('kind', '=', 'service-user')
    .where('holder', 'like', `%${username}`)
    .orderBy('issued_at')
    .orderBy('sha256')
    .execute();
  return new Map(rows.map(({ sha256, revoked_at }) => [sha256, revoked_at]));
}

async function resetOrders({ gateway, root }: Governed) {
  return callAsUser(gateway, root, 'put', userPath).send({ operation: 'reset-credentials' });
}

describeOnEachDatabase('an access', (fresh) => {
  it('is made by an admin, of a user that is there or is made, and of none that cannot be owned', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway, root, ann, outsider, group, as } = governed;
    const asRoot = (path: string, body: object) =>
      callAsUser(gateway, root, 'post', `/v1/${path}`).send(body).expect(200);
    const create = (body: object, by = root) => as(by, 'post', '/access', body);

    const stranger = await addUser(gateway, 'stranger@example.com');
    expectRefusal(await create(accessTo(governed), stranger), 404, 'resource-unknown');
    for (const member of [ann, outsider])
      expectRefusal(await create(accessTo(governed), member), 403, 'right-missing');

    await asRoot('project/p1/service', { service_name: 'pg-1', service_type: 'pg' });
    const abroad = await addOrganization(gateway, { admins: [root] });
    await asRoot('project', { project: 'p2', organization_id: abroad });
    const foreign = await callAsUser(
      gateway,
      root,
      'post',
      `/v1/organization/${abroad}/user-groups`,
    ).send({ user_group_name: 'foreign' });
    for (const [body, status, reason, says] of [
      [accessTo(governed, {}, { owner_user_group_id: 'ug0' }), 400, 'field-invalid', 'group'],
      [
        accessTo(governed, {}, { owner_user_group_id: String(foreign.body.user_group_id) }),
        400,
        'field-invalid',
        'group',
      ],
      [accessTo(governed, { project_name: 'p2' }), 400, 'field-invalid', 'project'],
      [accessTo(governed, { project_name: 'p3' }), 400, 'field-invalid', 'project'],
      [accessTo(governed, { service_name: 'kafka-2' }), 400, 'field-invalid', 'service'],
      [accessTo(governed, { service_name: 'pg-1' }), 400, 'field-invalid', 'type pg'],
      [accessTo(governed, { username: 'avnadmin' }), 409, 'state-conflict', 'primary'],
      [accessTo(governed), 409, 'state-conflict', 'already: name another user'],
    ] as const) {
      const refused = await create(body);
      expectRefusal(refused, status, reason);
      expect(refused.body.message).toContain(says);
    }
    const users = await gateway.database.db
      .selectFrom('service_users')
      .select('username')
      .execute();
    expect(users.map(({ username }) => username).sort()).toEqual([
      'avnadmin',
      'avnadmin',
      'orders',
    ]);

    const fresh1 = (await create(accessTo(governed, { username: 'new' })).expect(200)).body.access;
    expect(fresh1.access_data.username).toBe('new');
    const unnamed = (await create(accessTo(governed, { username: '' })).expect(200)).body.access;
    const username = String(unnamed.access_data.username);
    expect(username).toBe(`access-${String(unnamed.access_id).slice('acc'.length)}`);
    await callAsUser(gateway, root, 'get', userPath.replace('orders', username)).expect(200);
    const events = await eventsOf(gateway, 'access.created');
    expect(events.map(({ actor, project, service }) => [actor, project, service])).toEqual(
      Array(3).fill(['user:root@example.com', 'p1', 'kafka-1']),
    );
    expect(events.map(detailOf).slice(1)).toMatchObject([
      { username: 'new', access: fresh1.access_id, accessName: 'orders', group },
      { username, acls: [{ resourceName: 'orders.v1', operation: 'Read', host: '*' }] },
    ]);
  });

  it('is the only one of its user, and of its name, when several are made at once', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway, root, as } = governed;
    await callAsUser(gateway, root, 'post', '/v1/project/p1/service/kafka-1/user')
      .send({ username: 'known' })
      .expect(200);
    for (const username of ['known', 'unknown']) {
      const answers = await Promise.all(
        Array.from({ length: 8 }, () =>
          as(root, 'post', '/access', accessTo(governed, { username })),
        ),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(409)]);
    }
    const { body } = await as(root, 'get', '/access').expect(200);
    expect(body.total_count).toBe(3);
    const owned = await gateway.database.db
      .selectFrom('service_users')
      .select('access_id')
      .where('access_id', 'is not', null)
      .execute();
    const ids = (body.access as { access_id: string }[]).map(({ access_id }) => access_id);
    expect(owned.map(({ access_id }) => access_id).sort()).toEqual(ids.sort());
  });

  it('is deleted by an admin: what waits is erased and revoked, the user free, the access nowhere', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway, root, ann, ben, as, access, rotations } = governed;
    const stranger = await addUser(gateway, 'stranger@example.com');
    const old = [...(await revocationsOf(governed, 'orders')).keys()];
    const revealed = await approvedRotation(governed, { message: 'm', revoke_old: 'after_grace' });
    await rotations(ann, 'post', `${revealed}/reveal`).expect(200);
    const path = await approvedRotation(governed);
    const waiting = (await rotations(ann, 'get', path)).body.rotation.certificate_sha256 as string;
    const pending = await askForRotation(governed);
    expectRefusal(await as(stranger, 'delete', `/access/${access}`), 404, 'resource-unknown');
    expectRefusal(await as(ann, 'delete', `/access/${access}`), 403, 'right-missing');

    const deleted = await as(root, 'delete', `/access/${access}`).expect(200);

    expect(deleted.body).toEqual({ access_id: access });
    const revocations = await revocationsOf(governed, 'orders');
    const gone = [...old, waiting].sort();
    expect(
      [...revocations].flatMap(([sha256, at]) => (at === null ? [] : [sha256])).sort(),
    ).toEqual(gone);
    expect(revocations.size).toBe(3);
    const [event, ...others] = await eventsOf(gateway, 'access.deleted');
    expect(others).toEqual([]);
    expect(event?.actor).toBe('user:root@example.com');
    const ids = [revealed, path, pending].map((one) => one.slice(1)).sort();
    const { rotations: ended, revoked } = detailOf(event ?? { detail: '{}' }) as {
      rotations: string[];
      revoked: string[];
    };
    expect([ended.sort(), revoked.sort()]).toEqual([ids, gone]);
    for (const answer of [
      await as(root, 'get', `/access/${access}`),
      await as(root, 'get', `/access/${access}/kafka-acls`),
      await as(root, 'delete', `/access/${access}`),
      await rotations(ann, 'post', '', { message: 'm' }),
      await rotations(ben, 'get', pending),
      await rotations(ben, 'post', `${pending}/approve`, { digest: '0'.repeat(64) }),
      await rotations(ben, 'post', `${pending}/decline`, { reason: 'r' }),
      await rotations(ann, 'post', `${path}/reveal`),
      await rotations(ann, 'delete', pending),
    ])
      expectRefusal(answer, 404, 'resource-unknown');
    expect((await as(root, 'get', '/access')).body.total_count).toBe(0);
    for (const table of ['rotation_requests', 'access_topics'] as const)
      expect(await gateway.database.db.selectFrom(table).selectAll().execute()).toEqual([]);

    expect((await resetOrders(governed)).status).toBe(200);
    const { user } = (await callAsUser(gateway, root, 'get', userPath).expect(200)).body;
    expect(user.access_key).toContain('PRIVATE KEY');
    await as(root, 'post', '/access', accessTo(governed)).expect(200);
  });

  it('takes a request along that is being provided, and leaves nothing of it', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway, root, ben, as, access, rotations } = governed;
    const path = await askForRotation(governed);
    const { digest } = (await rotations(ben, 'get', path)).body.rotation;
    const [approved, deleted] = await Promise.all([
      rotations(ben, 'post', `${path}/approve`, { digest }),
      as(root, 'delete', `/access/${access}`),
    ]);
    expect(deleted.status).toBe(200);
    expect([200, 404]).toContain(approved.status);
    const open = [...(await revocationsOf(governed, 'orders')).values()].filter(
      (at) => at === null,
    );
    expect(open).toHaveLength(1);
    const sealed = await gateway.database.db.selectFrom('rotation_requests').selectAll().execute();
    expect(sealed).toEqual([]);
  });

  it('keeps its group from being deleted, but for its members, and outlives its user, service and project', async () => {
    const governed = await openGovernance(await startOn(await fresh()));
    const { gateway, organization, root, ann, ben, cleo, group, access, as, rotations } = governed;
    const asRoot = (method: 'get' | 'delete', path: string) =>
      callAsUser(gateway, root, method, path);
    const groupPath = `/v1/organization/${organization}/user-groups/${group}`;
    gateway.clock.advance(1);
    await as(root, 'post', '/access', accessTo(governed, { username: 'b' }, { access_name: 'b' }));
    const refused = await asRoot('delete', groupPath);
    expectRefusal(refused, 409, 'state-conflict');
    expect(refused.body.message).toContain(`the access orders (${access}), the access b (acc`);
    expect(await eventsOf(gateway, 'group.deleted')).toEqual([]);

    const path = await approvedRotation(governed);
    await asRoot('delete', userPath).expect(200);
    const ask = async () => {
      const answer = await rotations(ann, 'post', '', { message: 'm' });
      expectRefusal(answer, 409, 'state-conflict');
      expect(answer.body.message).toContain(
        'was deleted: an admin of the organization has to delete the access',
      );
    };
    await ask();
    expectRefusal(await rotations(ann, 'post', `${path}/reveal`), 409, 'state-conflict');
    // Its certificate would have the subject that the brokers give the rights to.
    const again = () =>
      callAsUser(gateway, root, 'post', '/v1/project/p1/service/kafka-1/user').send({
        username: 'orders',
      });
    const taken = await again();
    expectRefusal(taken, 409, 'state-conflict');
    expect(taken.body.message).toContain(access);
    const second = await as(root, 'post', '/access', ordersAccess(group));
    expectRefusal(second, 409, 'state-conflict');
    const asServer = async () => {
      const { csr } = makeNodeRequest(['DNS:orders']);
      const service = '/v1/project/p1/service/kafka-1';
      await callAsUser(gateway, root, 'put', service)
        .send({ user_config: { host: 'orders', port: 9093 } })
        .expect(200);
      return callAsUser(gateway, root, 'post', `${service}/certificates`).send({ csr });
    };
    const server = await asServer();
    expectRefusal(server, 409, 'state-conflict');
    expect(server.body.message).toContain(access);
    expect([...(await revocationsOf(governed, 'orders')).values()]).not.toContain(null);
    await asRoot('delete', '/v1/project/p1/service/kafka-1').expect(200);
    await ask();
    await callAsUser(gateway, root, 'post', '/v1/project/p1/service').send(newKafka).expect(200);
    expectRefusal(await again(), 409, 'state-conflict');
    await asRoot('delete', '/v1/project/p1/service/kafka-1').expect(200);
    await asRoot('delete', '/v1/project/p1').expect(200);
    await ask();
    expectRefusal(await rotations(ann, 'post', `${path}/reveal`), 409, 'state-conflict');
    const eve = await addUser(gateway, 'eve@example.com');
    const theirs = (method: 'get' | 'post', at: string, body: object) =>
      callAsUser(gateway, eve, method, at).send(body).expect(200);
    const elsewhere = await addOrganization(gateway, { admins: [eve] });
    await theirs('post', '/v1/project', { project: 'p1', organization_id: elsewhere });
    await theirs('post', '/v1/project/p1/service', {
      ...newKafka,
      user_config: { host: 'theirs.example.com', port: 9093 },
    });
    await theirs('post', '/v1/project/p1/service/kafka-1/user', { username: 'orders' });
    await ask();
    const script = (await as(root, 'get', `/access/${access}/kafka-acls`)).text;
    expect(script).toContain('CN=orders');
    expect(script).not.toContain('theirs.example.com');
    await governed.setMembers('remove_members', ann, ben, cleo);
    for (const { access_id } of (await as(root, 'get', '/access')).body.access)
      await as(root, 'delete', `/access/${String(access_id)}`).expect(200);
    expect(await eventsOf(gateway, 'access.deleted')).toHaveLength(2);
    const { text } = await theirs('get', '/v1/project/p1/events', {});
    expect(text).not.toContain('access');
    await asRoot('delete', groupPath).expect(200);
  });
});
