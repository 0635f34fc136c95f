import { expect, it } from '@jest/globals';
import { commandLine } from '../support/command-line.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { ordersAccess, userPath } from '../support/governance.js';
import { openGovernedUser } from '../support/governed-user.js';
import type { GovernedUser } from '../support/governed-user.js';
import { expectRefusal } from '../support/people.js';
import { eventsOf, rowCounts } from '../support/record.js';
import { makeKey, makeRequest } from '../support/requests.js';
import { asHolder } from '../support/service-user-holder.js';
import { newKafka, renewUser, servicePath } from '../support/services.js';
import type { ShownUser } from '../support/services.js';

const csr = () =>
  Buffer.from(makeRequest({ key: makeKey('prime256v1'), subject: [] }).pem).toString('base64');

/** What would give a user other credentials, or take those that it has: `user` is its path. */
const changes: readonly (readonly [
  string,
  (house: GovernedUser, user: string) => ReturnType<GovernedUser['asRoot']>,
])[] = [
  ['reset', ({ asRoot }, user) => asRoot('put', user, { operation: 'reset-credentials' })],
  [
    'reset to a password',
    ({ asRoot }, user) =>
      asRoot('put', user, { operation: 'reset-credentials', new_password: 'of my own choice' }),
  ],
  ['reset by its route', ({ asRoot }, user) => asRoot('put', `${user}/credentials/reset`)],
  ['reset by post', ({ asRoot }, user) => asRoot('post', `${user}/reset-credentials`)],
  [
    'reset with a key',
    ({ asRoot }, user) => asRoot('put', `${user}/credentials/reset`).set('Idempotency-Key', 'one'),
  ],
  ['renewal', ({ asRoot }, user) => asRoot('post', `${user}/renewals`)],
  [
    'another renewal',
    ({ asRoot }, user) =>
      asRoot('post', `${user}/renewals`, { again: true }).set('Idempotency-Key', 'two'),
  ],
  ['own key', ({ asRoot }, user) => asRoot('put', `${user}/certificate-request`, { csr: csr() })],
  ['revocation of the old', ({ asRoot }, user) => asRoot('post', `${user}/revocations`)],
];

/** What each of them leaves in the audit log. */
const recorded = ['reset', 'renewed', 'request-kept', 'old-revoked', 'fetched'].map(
  (what) => `service-user.${what}`,
);

const commands = ['reset', 'renew', 'revoke-old'] as const;

describeOnEachDatabase('a user that an access owns', (fresh) => {
  it('SU-G8: gets no other credentials but by a rotation, whoever asks and however', async () => {
    const house = await openGovernedUser(await fresh());
    const { gateway, access, asRoot, shown, stored, old } = house;
    await asRoot('put', `${userPath}/self_service`, { enabled: true }).expect(200);
    const waiting = await house.approve();
    const rows = async () => {
      const { certificates, public_keys: keys } = await rowCounts(gateway);
      return { certificates, keys, events: (await eventsOf(gateway, ...recorded)).length };
    };
    const before = { stored: await stored(), shown: await shown(), rows: await rows() };

    for (const [what, change] of changes) {
      const answer = await change(house, userPath);
      expectRefusal(answer, 409, 'state-conflict');
      expect([what, answer.body.message]).toEqual([
        what,
        expect.stringContaining(`everleaf rotation request ${access}`),
      ]);
    }
    for (const command of commands)
      await expect(commandLine(gateway, `user ${command} p1 kafka-1 orders`)).rejects.toThrow(
        `everleaf rotation request ${access}`,
      );
    expect(await rows()).toEqual(before.rows);
    const fetched = await asHolder(gateway).fetch(old);
    expect([fetched.status, fetched.body.reason]).toEqual([409, 'state-conflict']);
    expect(fetched.text).toContain(access);
    expect((await asHolder(gateway).me(old).expect(200)).body).toMatchObject({ next: 'none' });

    expect(await stored()).toEqual(before.stored);
    expect(await shown()).toEqual({ ...before.shown, governance_access_id: access });
    await asRoot('post', `${servicePath}/user`, { username: 'free' }).expect(200);
    for (const [what, change] of changes) {
      const { status } = await change(house, `${servicePath}/user/free`);
      expect([what, status]).toEqual([what, 200]);
    }
    await house.reveal(waiting);
  });

  it('SU-G8: is left out of what is done to its service and project, and the answer says so', async () => {
    const house = await openGovernedUser(await fresh());
    const { gateway, asRoot, shown, stored } = house;
    const passedOver = {
      passed_over_count: 1,
      passed_over: [
        {
          service: 'kafka-1',
          username: 'orders',
          reason: 'governed',
          message: expect.stringContaining('rotation'),
        },
      ],
    };
    const before = [await stored(), await shown()];
    const primary = async () => {
      const { body } = await asRoot('get', `${servicePath}/user/avnadmin`).expect(200);
      return body.user as ShownUser;
    };
    const others = await primary();

    const reset = await asRoot('put', `${servicePath}/credentials/reset`).expect(200);
    expect(reset.body).toMatchObject({
      ...passedOver,
      message: expect.stringContaining('but 1'),
      service: { service_name: 'kafka-1' },
    });
    expect((await primary()).password).not.toBe(others.password);
    for (const path of [servicePath, '/v1/project/p1']) {
      const asked = await asRoot('post', `${path}/renewals`)
        .set('Idempotency-Key', path.length.toString())
        .expect(202);
      expect(asked.body).toMatchObject({ ...passedOver, asked: 1 });
    }
    expect(await commandLine(gateway, 'service renew p1 kafka-1')).toMatchObject({
      asked: 1,
      passedOver: [{ username: 'orders', reason: 'governed' }],
    });
    await gateway.renewServiceUsers();
    expect([await stored(), await shown()]).toEqual(before);

    await renewUser(gateway, 'orders');
    const renewed = await stored();
    const acknowledged = await asRoot('post', `${servicePath}/acknowledgements`).expect(200);
    expect(acknowledged.body).toMatchObject({ ...passedOver, acknowledged: ['avnadmin'] });
    expect(await commandLine(gateway, 'service acknowledge p1 kafka-1')).toMatchObject({
      acknowledged: [],
      passedOver: [{ username: 'orders' }],
    });
    expect(await stored()).toEqual(renewed);
    await house.release();
    const free = await asRoot('put', `${servicePath}/credentials/reset`).expect(200);
    expect(Object.keys(free.body)).toEqual(['service']);
    expect((await stored()).pair?.sha256).not.toBe(renewed.pair?.sha256);
  });

  it('SU-G9: shows its credentials nowhere once they are revealed', async () => {
    const house = await openGovernedUser(await fresh());
    const { gateway, access, asRoot, old } = house;
    expect(await house.shown()).toMatchObject({
      access_cert: old.certPem,
      access_key: old.keyPem,
      governance_access_id: access,
    });
    await asRoot('get', `${userPath}/credentials`).expect(200);

    const revealed = await house.reveal();

    const all = 'include_secrets=true';
    const answers = [
      await asRoot('get', `${userPath}?${all}`),
      await asRoot('get', `${servicePath}?${all}`),
      await asRoot('get', `/v1/project/p1/service?${all}`),
      await asRoot('put', userPath, { operation: 'acknowledge-renewal' }),
      await asRoot('put', `${userPath}/recipients`, { recipients: [] }),
      await asRoot('get', `${userPath}/certificate-request`),
    ];
    for (const { text } of answers) {
      expect(text).not.toContain(revealed.password);
      expect(text).not.toContain(JSON.stringify(revealed.certPem).slice(1, -1));
      expect(text).not.toContain(JSON.stringify(revealed.keyPem).slice(1, -1));
    }
    expect(await house.shown()).toMatchObject({
      password: null,
      access_cert_not_valid_after_time: expect.stringMatching(/Z$/),
    });
    expect(await house.shown()).not.toHaveProperty('access_cert');
    for (const format of ['pem', 'pkcs12', 'java']) {
      const answer = await asRoot('get', `${userPath}/credentials?format=${format}`);
      expectRefusal(answer, 409, 'state-conflict');
      expect(answer.body.message).toContain(access);
    }
    for (const words of ['download p1 kafka-1 orders', 'show p1 kafka-1 orders --password'])
      await expect(commandLine(gateway, `user ${words}`)).rejects.toThrow(access);
    expect(await commandLine(gateway, 'user show p1 kafka-1 orders')).toMatchObject({
      accessId: access,
    });

    const { me, acknowledge, fetch } = asHolder(gateway);
    expect((await me(revealed).expect(200)).body).toMatchObject({ is_current: true, next: 'none' });
    expect((await acknowledge(revealed).expect(200)).body).toMatchObject({ acknowledged: false });
    expect((await me(old).expect(200)).body).toMatchObject({
      is_current: false,
      next: 'ask',
      message: expect.stringContaining(`everleaf rotation request ${access}`),
    });
    for (const pair of [old, revealed]) expect((await fetch(pair)).status).toBe(409);
  });

  it('SU-G8: is deleted with its service or project as any other, and nothing of it is left to reveal', async () => {
    const house = await openGovernedUser(await fresh());
    const { gateway, asRoot, as, root, group, rotations, ann } = house;
    const path = await house.approve();

    await asRoot('delete', userPath).expect(200);

    const states = await gateway.database.db
      .selectFrom('certificates')
      .select(['revoked_at', 'revocation_reason'])
      .where('holder', '=', 'p1/kafka-1/orders')
      .execute();
    expect(states.map(({ revocation_reason }) => revocation_reason)).toEqual([
      'cessationOfOperation',
      'cessationOfOperation',
    ]);
    expectRefusal(await rotations(ann, 'post', `${path}/reveal`), 409, 'state-conflict');
    const again = await asRoot('post', `${servicePath}/user`, { username: 'orders' });
    expectRefusal(again, 409, 'state-conflict');
    await as(root, 'delete', `/access/${house.access}`).expect(200);
    await asRoot('post', `${servicePath}/user`, { username: 'orders' }).expect(200);
    expect(await house.shown()).not.toHaveProperty('governance_access_id');
    await asRoot('put', `${userPath}/credentials/reset`).expect(200);
    const body = ordersAccess(group);
    await as(root, 'post', '/access', {
      ...body,
      access_data: { ...body.access_data, username: 'others' },
    }).expect(200);
    await asRoot('delete', servicePath).expect(200);
    await asRoot('post', '/v1/project/p1/service', newKafka).expect(200);
    const unrevoked = await gateway.database.db
      .selectFrom('certificates')
      .select('holder')
      .where('kind', '=', 'service-user')
      .where('revoked_at', 'is', null)
      .execute();
    expect(unrevoked).toEqual([{ holder: 'p1/kafka-1/avnadmin' }]);
    expect(await eventsOf(gateway, 'service-user.reset')).toHaveLength(1);
  });
});
