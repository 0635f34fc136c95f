import { describe, expect, it } from '@jest/globals';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Response } from 'supertest';
import { selfServiceStore } from '../../src/credentials/self-service-store.js';
import { makeStillPending } from '../../src/credentials/still-pending.js';
import type { Announcement } from '../../src/notifications/outbox.js';
import { takeAnnounced } from '../support/announced.js';
import { outboxOf } from '../support/announcements.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { callAsUser, expectRefusal, startOn } from '../support/people.js';
import { eventsOf } from '../support/record.js';
import {
  addHolder,
  asHolder,
  filesIn,
  pairOf,
  setSelfService,
} from '../support/service-user-holder.js';
import {
  openService,
  renewUser,
  servicePath,
  serviceUsersOf,
  sha256Of,
} from '../support/services.js';
import { verifyTogether } from '../support/verify.js';

const reasonOf = ({ status, body }: Response) => [status, (body as { reason?: string }).reason];
const selfServicePath = `${servicePath}/user/app/self_service`;
const techEmails = { tech_emails: [{ email: 'team@example.com' }] };

async function startHouse(gateway: TestGateway) {
  const house = await openService(gateway);
  await house.asRoot('put', servicePath, techEmails).expect(200);
  const old = await addHolder(house, 'app');
  return { house, old, ...asHolder(gateway) };
}

describeOnEachDatabase('self-service by certificate', (fresh) => {
  it('hands the pending pair to the old one, once, and tells the recipients', async () => {
    const gateway = await startOn(await fresh());
    const { house, old, me, fetch } = await startHouse(gateway);
    await setSelfService(house, 'app');
    await renewUser(gateway, 'app');
    const current = await pairOf(house, 'app');
    expect((await me(old).expect(200)).body).toMatchObject({ is_current: false, next: 'fetch' });

    const answer = await fetch(old).expect(200);

    expect(answer.headers['cache-control']).toBe('no-store');
    const files = filesIn(answer.body);
    expect(Object.keys(files)).toEqual(['ca.pem', 'service.cert', 'service.key']);
    expect(files['service.cert']).toBe(current.certPem);
    const certificate = new X509Certificate(current.certPem);
    expect(certificate.checkPrivateKey(createPrivateKey(files['service.key'] ?? ''))).toBe(true);
    await verifyTogether([{ certPem: current.certPem, bundle: files['ca.pem'] ?? '' }]);
    const end = new Date(certificate.validTo).toISOString().replace('.000Z', 'Z');
    expect(answer.body).toMatchObject({ username: 'app', not_valid_after_time: end });
    const again = await fetch(old);
    expect(reasonOf(again)).toEqual([410, 'handed-out-already']);
    expect(again.text).not.toContain('files');
    expect(await eventsOf(gateway, 'service-user.fetched')).toMatchObject([
      { actor: 'holder:p1/kafka-1/app', certificate: sha256Of(old.certPem), service: 'kafka-1' },
    ]);
    const [entry] = await outboxOf(gateway);
    expect(entry?.payload).not.toContain('PRIVATE');
    expect(await takeAnnounced(gateway)).toEqual([
      'credentials-fetched p1/kafka-1 app -> mail root@example.com',
      'credentials-fetched p1/kafka-1 app -> mail team@example.com',
    ]);
    expect((await me(old).expect(200)).body).toMatchObject({ next: 'ask' });
    await asHolder(gateway).acknowledge(current).expect(200);
    const announcement = JSON.parse(entry?.payload ?? '') as Announcement;
    const stillPending = makeStillPending(gateway.database.db, gateway.clock.now);
    expect(await stillPending(announcement)).toEqual(announcement);
    expect(reasonOf(await fetch(old))).toEqual([409, 'state-conflict']);

    await renewUser(gateway, 'app');
    expect(reasonOf(await fetch(old))).toEqual([409, 'state-conflict']);
    expect(filesIn((await fetch(current).expect(200)).body)['service.key']).toBe(
      (await pairOf(house, 'app')).keyPem,
    );
  });

  it('hands out nothing where the old certificate is revoked while it is asked for', async () => {
    const gateway = await startOn(await fresh());
    const { house } = await startHouse(gateway);
    await setSelfService(house, 'app');
    await renewUser(gateway, 'app');
    const { users } = await serviceUsersOf(gateway);
    const read = await users.find({ project: 'p1', service: 'kafka-1', username: 'app' });
    await house.asRoot('post', `${servicePath}/user/app/revocations`).expect(200);
    const { id = '', pending: { id: pendingId, oldSha256 } = { id: '', oldSha256: '' } } =
      read ?? {};
    const isClaimed = await gateway.database.transaction((trx) =>
      selfServiceStore.claim({ id, pendingId, oldSha256 }, trx),
    );
    expect(pendingId).not.toBe('');
    expect(isClaimed).toBe(false);
  });
});

describe('self-service', () => {
  it('is off unless somebody with the right switches it on', async () => {
    const gateway = await startTestGateway();
    const { house, old, fetch } = await startHouse(gateway);
    await renewUser(gateway, 'app');
    const off = await fetch(old);
    expect(reasonOf(off)).toEqual([403, 'right-missing']);
    expect(off.body.detail).toContain('everleaf user self-service');
    expect((await house.asRoot('get', selfServicePath).expect(200)).body).toEqual({
      username: 'app',
      self_service: { enabled: false },
    });
    const developer = await house.addMember('developer');
    const asDeveloper = callAsUser(gateway, developer, 'put', selfServicePath);
    expectRefusal(await asDeveloper.send({ enabled: true }), 403, 'right-missing');
    for (const body of [{}, { enabled: 1 }, { enabled: 'on' }])
      expectRefusal(await house.asRoot('put', selfServicePath, body), 400, 'field-invalid');
    const unknown = selfServicePath.replace('/app/', '/none/');
    const ofNobody = await house.asRoot('put', unknown, { enabled: true });
    expectRefusal(ofNobody, 404, 'resource-unknown');
    for (const enabled of [true, true, false, false, true])
      await setSelfService(house, 'app', enabled);
    const { body } = await house.asRoot('get', '/v1/project/p1/events').expect(200);
    const said = (body.events as { event_desc: string }[]).map(({ event_desc }) => event_desc);
    expect(said.filter((text) => text.startsWith('Self-service'))).toEqual([
      'Self-service of app was switched on.',
      'Self-service of app was switched off.',
      'Self-service of app was switched on.',
    ]);
    await fetch(old).expect(200);
  });

  it('gives nothing but the successor of the certificate that is presented', async () => {
    const gateway = await startTestGateway();
    const { house, old, me, fetch } = await startHouse(gateway);
    await setSelfService(house, 'app');
    const nothingNewer = await fetch(old);
    expect(reasonOf(nothingNewer)).toEqual([409, 'state-conflict']);
    expect(nothingNewer.body.error).toContain('nothing newer');
    await house.reset('app').expect(200);
    expect(reasonOf(await fetch(old))).toEqual([409, 'state-conflict']);
    await renewUser(gateway, 'app');
    const before = await fetch(old);
    expect(reasonOf(before)).toEqual([409, 'state-conflict']);
    expect(before.body.error).toContain('No renewal of the certificate presented');
    expect((await me(old).expect(200)).body.next).toBe('ask');
    const current = await pairOf(house, 'app');
    expect((await fetch(current)).body.error).toContain('nothing newer');
    expect(await eventsOf(gateway, 'service-user.fetched')).toEqual([]);
  });

  it('gives no key where the holder made it, and nothing that nobody would hear of', async () => {
    const gateway = await startTestGateway();
    const { house, old, fetch } = await startHouse(gateway);
    await setSelfService(house, 'app');
    await renewUser(gateway, 'app');
    const { db } = gateway.database;
    await db.updateTable('service_users').set({ sealed_key: null }).execute();
    await house.asRoot('put', servicePath, { powered: false }).expect(200);
    const unheard = await fetch(old);
    expect(reasonOf(unheard)).toEqual([409, 'state-conflict']);
    expect(unheard.body.error).toContain('power');
    await house.asRoot('put', servicePath, { powered: true }).expect(200);
    const { body } = await fetch(old).expect(200);
    expect(Object.keys(filesIn(body))).toEqual(['ca.pem', 'service.cert']);
  });

  it('uses nothing up where the key cannot be opened', async () => {
    const gateway = await startTestGateway();
    const { house, old, fetch } = await startHouse(gateway);
    await setSelfService(house, 'app');
    await renewUser(gateway, 'app');
    const { db } = gateway.database;
    const { sealed_key } = await db
      .selectFrom('service_users')
      .select('sealed_key')
      .where('username', '=', 'app')
      .executeTakeFirstOrThrow();
    const setKey = (key: string | null) =>
      db
        .updateTable('service_users')
        .set({ sealed_key: key })
        .where('username', '=', 'app')
        .execute();
    await setKey('damaged');
    expect((await fetch(old)).status).toBe(500);
    await setKey(sealed_key);
    await fetch(old).expect(200);
  });
});
