import { expect, it } from '@jest/globals';
import { announced, takeAnnounced } from '../support/announced.js';
import { outboxOf } from '../support/announcements.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { startTestGateway } from '../support/gateway.js';
import { approvedRotation, openGovernance } from '../support/governance.js';
import { startMailServer } from '../support/mail-server.js';
import { callAsUser } from '../support/people.js';
import { replicaSettings } from '../support/replicas.js';

const day = 86_400;

describeOnEachDatabase('the renewal of a user that a group owns', (fresh) => {
  it('is told to the group too, and names the rotation instead of a download', async () => {
    const server = await startMailServer();
    const gateway = await startTestGateway({
      ...replicaSettings((await fresh()).url),
      EVERLEAF_SMTP_URL: server.url,
      EVERLEAF_MAIL_FROM: 'Everleaf <everleaf@example.com>',
    });
    const governed = await openGovernance(gateway);
    const { root, cleo, access, rotations, ann } = governed;
    await gateway.database.db
      .updateTable('users')
      .set({ state: 'disabled' })
      .where('id', '=', cleo.id)
      .execute();
    const users = '/v1/project/p1/service/kafka-1/user';
    await callAsUser(gateway, root, 'post', users).send({ username: 'jo' }).expect(200);
    gateway.clock.advance(731 * day);
    await gateway.renewServiceUsers();

    expect((await announced(gateway)).filter((one) => one.includes('orders'))).toEqual([
      'certificate-renewed p1/kafka-1 avnadmin,jo,orders -> mail root@example.com',
      'certificate-renewed p1/kafka-1 orders -> mail ann@example.com',
      'certificate-renewed p1/kafka-1 orders -> mail ben@example.com',
    ]);
    await gateway.deliverAnnouncements();
    const letters = new Map(server.mails.map((mail) => [mail.to[0], mail]));
    const own = letters.get('ann@example.com');
    expect(own?.headers['subject']).toBe('p1/kafka-1: certificate of orders needs a rotation');
    expect(own?.text).toContain(`   everleaf rotation request ${access} --message 'WHY'\n`);
    expect(own?.text).not.toMatch(/user-creds|user acknowledge|Download/);
    const all = letters.get('root@example.com');
    expect(all?.text).toContain('user-creds-download --project p1 --username jo kafka-1');
    expect(all?.text).not.toContain('--username orders');
    expect(all?.text).toContain(`   everleaf rotation request ${access} --message 'WHY'\n`);

    await takeAnnounced(gateway);
    gateway.clock.advance(60 * day);
    await gateway.renewServiceUsers();
    expect(await announced(gateway)).toContain(
      'certificate-reminder p1/kafka-1 orders -> mail ben@example.com',
    );
    const path = await approvedRotation(governed);
    await rotations(ann, 'post', `${path}/reveal`).expect(200);
    await gateway.deliverAnnouncements();
    const reminders = (await outboxOf(gateway)).filter(
      ({ payload, recipient }) =>
        payload.includes('certificate-reminder') && recipient === 'ben@example.com',
    );
    expect(reminders.map(({ state }) => state)).toEqual(['withdrawn']);
  });
});
