import { expect, it } from '@jest/globals';
import { activateNext, namesOf, rotationPath, startRotation } from '../support/ca-rotation.js';
import { commandLine } from '../support/command-line.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { expectRefusal } from '../support/people.js';
import { eventsOf } from '../support/record.js';
import { newKafka, renewUser, servicePath } from '../support/services.js';
import { verifyTogether } from '../support/verify.js';

const day = 86_400;

describeOnEachDatabase("the roll-over of a project's CA", (fresh) => {
  it('SU-K1, SU-K2, SU-K5, SU-K8: publishes both, signs by the old, and waits for update 1 of all', async () => {
    const house = await startRotation(await fresh());
    const { asRoot, bundle, gateway, report, reset, shown, take, user } = house;
    const [old = ''] = (await bundle()).blocks;
    const before = await asRoot('get', servicePath).expect(200);
    expect((await shown()).phase).toBe('ACTIVE');
    expect(before.body.service).toMatchObject({ trust_update: 0 });
    expectRefusal(await report('kafka-1', 1), 409, 'state-conflict');

    const prepared = await take('prepare').expect(200);

    const { blocks, pem } = await bundle();
    const [first, next = ''] = blocks;
    expect([first, blocks.length]).toEqual([old, 2]);
    expect(prepared.body.rotation).toMatchObject({
      phase: 'BUNDLE',
      authorities: [
        { sha256: namesOf([old])[0], state: 'active' },
        { sha256: namesOf([next])[0], state: 'prepared' },
      ],
      users_on_retiring_ca: [],
    });
    await reset('avnadmin').expect(200);
    const { access_cert: certPem } = await user('avnadmin');
    await verifyTogether([old, pem].map((trust) => ({ certPem, bundle: trust })));
    await expect(verifyTogether([{ certPem, bundle: next }])).rejects.toThrow('failed');

    expect((await take('activate')).body.message).toMatch(/trust it: kafka-1, pg-1\. /);
    expectRefusal(await report('kafka-1', 2), 409, 'state-conflict');
    await report('kafka-1', 1).expect(200);
    await report('kafka-1', 1).expect(200);
    expect(await eventsOf(gateway, 'service.trust-updated')).toHaveLength(1);
    expect((await shown()).phase).toBe('TRUSTING');
    const made = { ...newKafka, service_name: 'kafka-2' };
    const created = await asRoot('post', '/v1/project/p1/service', made).expect(200);
    expect(created.body.service).toMatchObject({ trust_update: 1 });
    const refused = await take('activate');
    expectRefusal(refused, 409, 'authority-step-refused');
    expect(refused.body.message).toMatch(/trust it: pg-1\. Let each trust both/);
    expectRefusal(await report('kafka-1', 2), 409, 'state-conflict');
    await report('pg-1', 1).expect(200);
    expect((await report('kafka-1', 2)).body.message).toMatch(/until the new CA is active/);
    await take('activate').expect(200);
    expect((await shown()).phase).toBe('NEW_ACTIVE');
  });

  it('SU-K3, SU-K4, SU-K6: signs everything new by the new one, leaves what is in use, and all verify', async () => {
    const house = await startRotation(await fresh());
    const { asRoot, bundle, gateway, inUse, report, reset, shown, user } = house;
    await asRoot('post', `${servicePath}/user`, { username: 'app' }).expect(200);
    await asRoot('post', `${servicePath}/user`, { username: 'web' }).expect(200);
    const before = await inUse();

    const [old, next] = await activateNext(house);

    expect((await bundle()).blocks).toEqual([next, old]);
    expect(await inUse()).toEqual(before);
    await asRoot('post', `${servicePath}/user`, { username: 'new' }).expect(200);
    await reset('app').expect(200);
    await renewUser(gateway, 'web');
    for (const [name, authority] of [
      ['new', next],
      ['app', next],
      ['web', next],
      ['avnadmin', old],
    ] as const)
      await verifyTogether([{ certPem: (await user(name)).access_cert, bundle: authority }]);
    const { pem } = await bundle();
    await verifyTogether(
      [...before, ...(await inUse())].map((certPem) => ({ certPem, bundle: pem })),
    );

    const [oldSha256, nextSha256] = namesOf([old, next]);
    const presented = async (): Promise<unknown> => (await asRoot('get', servicePath)).body.service;
    expect(await presented()).toMatchObject({ trust_update: 1, presented_ca_sha256: oldSha256 });
    await report('kafka-1', 2).expect(200);
    expect(await presented()).toMatchObject({ trust_update: 2, presented_ca_sha256: nextSha256 });
    await report('kafka-1', 1).expect(200);
    expect(await presented()).toMatchObject({ trust_update: 2 });
    const { phase, services, users_on_retiring_ca: users } = await shown();
    expect([phase, services.map((one) => one.trust_update)]).toEqual(['PRESENTING', [2, 1]]);
    expect(users.map(({ username, is_current }) => [username, is_current])).toEqual([
      ['app', false],
      ['avnadmin', true],
      ['web', false],
    ]);
  });

  it('SU-K7: keeps the old one while a service or a live certificate needs it, and ends clean', async () => {
    const house = await startRotation(await fresh());
    const { bundle, gateway, inUse, report, reset, shown, take } = house;
    const [, next] = await activateNext(house);
    expect((await take('retire')).body.message).toMatch(/became retiring less than a minute ago/);
    gateway.clock.advance(60);
    const refused = await take('retire');
    expectRefusal(refused, 409, 'authority-step-refused');
    expect(refused.body.message).toMatch(/kafka-1, pg-1; .*: kafka-1\/avnadmin; /);
    await reset('avnadmin').expect(200);
    for (const service of ['kafka-1', 'pg-1']) await report(service, 2).expect(200);
    expect((await take('retire')).body.message).toMatch(/still valid: kafka-1\/avnadmin; /);
    for (const { sha256 } of (await shown()).users_on_retiring_ca)
      await commandLine(gateway, `certificate revoke ${sha256} --reason superseded`);
    expect(await eventsOf(gateway, 'authority.retired')).toEqual([]);

    const retired = await take('retire').expect(200);

    expect(retired.body.rotation).toMatchObject({
      phase: 'DONE',
      services: [{ trust_update: 0 }, { trust_update: 0 }],
    });
    gateway.clock.advance(60);
    const { blocks, pem } = await bundle();
    expect(blocks).toEqual([next]);
    await verifyTogether((await inUse()).map((certPem) => ({ certPem, bundle: pem })));
    gateway.clock.advance(3600);
    await activateNext(house);
    const [again] = (await bundle()).blocks;
    expect(again).not.toBe(next);
    expect((await shown()).authorities.map(({ state }) => state)).toEqual([
      'retired',
      'retiring',
      'active',
    ]);
  });

  it('is forced over services and users, which are told of', async () => {
    const house = await startRotation(await fresh());
    const { gateway, rotate, shown, take } = house;
    await take('prepare').expect(200);
    await take('activate', true).expect(200);
    gateway.clock.advance(60);
    expect(await rotate('retire --force')).toMatchObject({
      leftBehind: { services: ['kafka-1', 'pg-1'], users: ['kafka-1/avnadmin'] },
    });
    expect((await shown()).phase).toBe('DONE');
    const events = await eventsOf(gateway, 'authority.activated', 'authority.retired');
    expect(events.map(({ level, project, actor }) => [level, project, actor])).toEqual([
      ['warning', 'p1', 'user:root@example.com'],
      ['warning', 'p1', 'cli:test'],
    ]);
  });

  it('is given up before the activation, or turned back after it, and the services with it', async () => {
    const house = await startRotation(await fresh());
    const { asRoot, bundle, gateway, report, rotate, shown, take } = house;
    await take('prepare').expect(200);
    const [, { authority_id: given } = { authority_id: '' }] = (await shown()).authorities;
    await report('kafka-1', 1).expect(200);
    await rotate(`retire ${given}`);
    expect(await shown()).toMatchObject({
      phase: 'ACTIVE',
      services: [{ trust_update: 0 }, { trust_update: 0 }],
    });
    gateway.clock.advance(3600);

    const [old, next] = await activateNext(house);
    await report('kafka-1', 2).expect(200);
    const { authorities } = await shown();
    await rotate(`activate ${authorities[0]?.authority_id ?? ''}`);

    expect((await bundle()).blocks).toEqual([old, next]);
    expect(await shown()).toMatchObject({
      phase: 'TRUSTING',
      services: [
        { presented_ca_sha256: namesOf([next])[0] },
        { presented_ca_sha256: namesOf([old])[0] },
      ],
    });
    expectRefusal(await take('prepare'), 409, 'authority-step-refused');
    gateway.clock.advance(60);
    expect((await take('retire')).body.message).toMatch(/the active one: kafka-1; /);
    await report('kafka-1', 1).expect(200);
    await take('retire').expect(200);
    expect((await shown()).phase).toBe('ACTIVE');
    const { body } = await asRoot('get', servicePath).expect(200);
    expect(body.service).toMatchObject({ presented_ca_sha256: namesOf([old])[0] });
  });

  it('goes on by date, in the pass that renews, and waits for who is not ready', async () => {
    const house = await startRotation(await fresh());
    const { gateway, report, rotate, shown } = house;
    const waits = () =>
      gateway.logs.flatMap(
        ({ message }) => (/a roll-over waits: (.*)/.exec(message) ?? [])[1] ?? [],
      );
    await rotate('prepare --activate-at 2d');
    gateway.clock.advance(2 * day - 1);
    await gateway.renewServiceUsers();
    expect(waits()).toEqual([]);
    gateway.clock.advance(1);
    await gateway.renewServiceUsers();
    await gateway.renewServiceUsers();
    expect(waits()).toEqual([expect.stringContaining('kafka-1, pg-1')]);
    for (const service of ['kafka-1', 'pg-1']) await report(service, 1).expect(200);
    gateway.clock.advance(3600);
    await gateway.renewServiceUsers();
    expect((await shown()).phase).toBe('NEW_ACTIVE');
    await rotate('retire --at 1d');
    await rotate('retire --at none');
    gateway.clock.advance(day);
    await gateway.renewServiceUsers();
    expect(await eventsOf(gateway, 'authority.retired')).toEqual([]);
    expect(await eventsOf(gateway, 'authority.scheduled')).toHaveLength(2);
    const [{ actor } = { actor: '' }] = await eventsOf(gateway, 'authority.activated');
    expect(actor).toBe('gateway');
  });

  it('SU-R10: that fails in one project keeps the renewals of no other waiting', async () => {
    const { asRoot, gateway, inUse } = await startRotation(await fresh());
    await asRoot('post', '/v1/project', { project: 'p2' }).expect(200);
    await commandLine(gateway, 'ca rotate prepare --activate-at 1d --project p2');
    await gateway.database.db
      .updateTable('authorities')
      .set({ certificate: '' })
      .where('purpose', '=', 'project:p2')
      .where('state', '=', 'prepared')
      .execute();
    const [before] = await inUse();
    gateway.clock.advance(730 * day);
    await gateway.renewServiceUsers();
    expect((await inUse())[0]).not.toBe(before);
    const errors = gateway.logs.filter(({ message }) => message === 'a roll-over could not go on');
    expect(errors).toHaveLength(1);
  });

  it('SU-K1: tells the contacts of the project, each once, until the CA is given up', async () => {
    const house = await startRotation(await fresh());
    const { addMember, asRoot, gateway, rotate, shown, take } = house;
    await addMember('operator');
    await addMember('developer');
    const emails = ['ops@example.com', 'OPERATOR@example.com'].map((email) => ({ email }));
    await asRoot('put', '/v1/project/p1', { tech_emails: emails }).expect(200);
    const hook = { url: 'https://hooks.example.com/' };
    const { body } = await asRoot('post', '/v1/project/p1/webhooks', hook).expect(200);

    await take('prepare').expect(200);

    const outbox = () =>
      gateway.database.db.selectFrom('outbox').selectAll().orderBy('recipient').execute();
    const rows = await outbox();
    expect(rows.map(({ recipient, channel }) => [channel, recipient])).toEqual([
      ['mail', 'operator@example.com'],
      ['mail', 'ops@example.com'],
      ['mail', 'root@example.com'],
      ['webhook', body.webhook.webhook_id],
    ]);
    const [, next] = (await shown()).authorities;
    expect(JSON.parse(rows[0]?.payload ?? '')).toMatchObject({
      kind: 'authority-prepared',
      project: 'p1',
      authority: { sha256: next?.sha256, activateAt: null },
    });
    expectRefusal(await take('prepare'), 409, 'authority-step-refused');
    expect(await outbox()).toHaveLength(4);
    await rotate(`retire ${next?.authority_id ?? ''}`);
    await gateway.deliverAnnouncements();
    expect((await outbox()).map(({ state }) => state)).toEqual(Array(4).fill('withdrawn'));
    const events = await asRoot('get', '/v1/project/p1/events?limit=2').expect(200);
    expect(events.body.events[1].event_desc).toMatch(/next CA of the project was made/);
    expect((await asRoot('get', rotationPath)).body.rotation.phase).toBe('ACTIVE');
  });
});
