import { describe, expect, it } from '@jest/globals';
import { outboxOf } from '../support/announcements.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { startTestGateway } from '../support/gateway.js';
import {
  approvedRotation,
  askForRotation,
  digestFor,
  openGovernance,
  userPath,
} from '../support/governance.js';
import type { Governed } from '../support/governance.js';
import { startMailServer } from '../support/mail-server.js';
import type { MailServer } from '../support/mail-server.js';
import { callAsUser } from '../support/people.js';
import { eventsOf } from '../support/record.js';
import { startReplicas } from '../support/replicas.js';
import { startReceiver, verified } from '../support/webhook-receiver.js';

const day = 86_400;
const sender = { EVERLEAF_MAIL_FROM: 'Everleaf <everleaf@example.com>' };

/** What the mails since the last look say to whom: `OUTCOME -> PERSON`, sorted. */
function makeMailbox({ mails }: MailServer): () => string[] {
  let seen = 0;
  return () => {
    const fresh = mails.slice(seen);
    seen = mails.length;
    return fresh
      .map(({ headers, to }) => {
        const outcome = headers['subject']?.replace('p1/kafka-1: rotation of orders ', '');
        return `${String(outcome)} -> ${String(to[0]?.split('@')[0])}`;
      })
      .sort();
  };
}

/** The request stands where a gateway left it that died while it made the credentials; then its user is deleted. */
async function leaveToFail({ gateway, root, ben }: Governed, path: string): Promise<void> {
  await gateway.database.db
    .updateTable('rotation_requests')
    .set({ state: 'provisioning', decided_by: ben.id, decided_at: gateway.clock.now() })
    .where('id', '=', path.slice(1))
    .execute();
  await callAsUser(gateway, root, 'delete', userPath).expect(200);
}

describeOnEachDatabase('what is announced of rotations', (fresh) => {
  it('SU-G1, SU-G6, SU-G8: reaches those concerned, once, though two gateways send', async () => {
    const server = await startMailServer();
    const settings = { EVERLEAF_SMTP_URL: server.url, ...sender };
    const replicas = await startReplicas((await fresh()).url, settings);
    const [gateway] = replicas;
    const governed = await openGovernance(gateway);
    const { rotations, ann, ben } = governed;
    const mails = makeMailbox(server);
    const told = async (): Promise<string[]> => {
      await Promise.all([...replicas, ...replicas].map((one) => one.deliverAnnouncements()));
      return mails();
    };

    const declined = await askForRotation(governed);
    expect(await told()).toEqual([
      'waits for approval, asked for by ann@example.com -> ben',
      'waits for approval, asked for by ann@example.com -> cleo',
    ]);
    await rotations(ben, 'post', `${declined}/decline`, { reason: 'not on a Friday' }).expect(200);
    expect(await told()).toEqual(['was declined -> ann', 'was declined -> cleo']);
    expect(server.mails.at(-1)?.text).toContain('> not on a Friday\n');

    const deleted = await askForRotation(governed);
    await rotations(ann, 'delete', deleted).expect(200);
    expect(await told()).toEqual(['was taken back -> ben', 'was taken back -> cleo']);

    const revealed = await approvedRotation(governed);
    const readied = await told();
    expect(readied).toEqual([
      expect.stringMatching(/^is ready, reveal it before \d{4}-\d\d-\d\d -> ann$/),
      'was approved -> cleo',
    ]);
    await rotations(ann, 'post', `${revealed}/reveal`).expect(200);
    expect(await told()).toEqual(['ann', 'ben', 'cleo'].map((who) => `was revealed -> ${who}`));

    await approvedRotation(governed);
    gateway.clock.advance(7 * day);
    await gateway.tendRotations();
    const everybody = (outcome: string) =>
      ['ann', 'ben', 'cleo'].map((who) => `${outcome} -> ${who}`);
    expect(await told()).toEqual([
      ...everybody('has lapsed, nobody revealed it'),
      'was approved -> cleo',
    ]);

    await askForRotation(governed);
    gateway.clock.advance(14 * day);
    await gateway.tendRotations();
    expect(await told()).toEqual(everybody('has lapsed, nobody decided'));

    await leaveToFail(governed, await askForRotation(governed));
    gateway.clock.advance(61);
    await gateway.tendRotations();
    expect(await told()).toEqual(everybody('has failed'));
    expect(server.mails.at(-1)?.text).toContain('- Why it failed: The service user orders of p1/');
    const undecided = ['ben', 'cleo'].flatMap((who) =>
      Array.from({ length: 5 }, () => `rotation-requested ${who}`),
    );
    expect(await withdrawnOf(governed)).toEqual(['credentials-ready ann', ...undecided]);
  });
});

/** What was over before it could be sent, as `KIND PERSON`, sorted. */
async function withdrawnOf({ gateway }: Governed): Promise<string[]> {
  const rows = await outboxOf(gateway);
  return rows
    .filter(({ state }) => state === 'withdrawn')
    .map(({ payload, recipient }) => {
      const { kind } = JSON.parse(payload) as { kind: string };
      return `${kind} ${String(recipient.split('@')[0])}`;
    })
    .sort();
}

describe('webhooks of the project', () => {
  it('hear of every step as its mails do, and of nothing that people wrote', async () => {
    const receiver = await startReceiver();
    const server = await startMailServer();
    const mail = { EVERLEAF_SMTP_URL: server.url, ...sender };
    const gateway = await startTestGateway({ EVERLEAF_WEBHOOK_PRIVATE: 'on', ...mail });
    const governed = await openGovernance(gateway);
    const { root, ann, ben, rotations, organization, access } = governed;
    const hook = await callAsUser(gateway, root, 'post', '/v1/project/p1/webhooks')
      .send({ url: receiver.url })
      .expect(200);
    const path = await askForRotation(governed, { message: 'WORDS OF ANN', revoke_old: 'at_once' });
    await gateway.deliverAnnouncements();
    const digest = await digestFor(governed, path);
    const approval = { digest, message: 'WORDS OF BEN' };
    await rotations(ben, 'post', `${path}/approve`, approval).expect(200);
    await rotations(ann, 'post', `${path}/reveal`).expect(200);
    await gateway.deliverAnnouncements();

    const page = `${gateway.urls.admin}/governance/${organization}/access/${access}/rotations${path}`;
    for (const { text, html } of server.mails) {
      expect(text).toContain(`The page of the request: ${page}\n`);
      expect(`${text}${html}`).toContain('WORDS OF ANN');
      expect(`${text}${html}`).not.toMatch(/PRIVATE KEY|BEGIN CERTIFICATE/);
      expect(`${text}${html}`).not.toContain(digest);
    }
    const [first] = receiver.posts;
    if (!first) throw new Error('nothing came');
    expect(verified(first, hook.body.webhook.secret)).toEqual({
      type: 'governance.rotation_requested',
      timestamp: expect.stringMatching(/Z$/),
      data: {
        project: 'p1',
        service: 'kafka-1',
        username: 'orders',
        organization_id: organization,
        access_id: access,
        access_name: 'orders',
        owner_user_group_name: 'owners',
        rotation_id: path.slice(1),
        requester_email: 'ann@example.com',
        decided_by_email: null,
        failure: null,
        revoke_old: 'at_once',
        lapse_time: expect.stringMatching(/Z$/),
        console_url: page,
      },
    });
    const types = receiver.posts.map(({ body }) => (JSON.parse(body) as { type: string }).type);
    expect(types.sort()).toEqual([
      'governance.credentials_revealed',
      'governance.rotation_approved',
      'governance.rotation_requested',
    ]);
    const heard = receiver.posts.map(({ body }) => body).join('\n');
    expect(heard).not.toMatch(/WORDS OF|PRIVATE KEY|BEGIN CERTIFICATE/);
  });
});

describe('new credentials that nobody came for', () => {
  it('SU-G12: are told of when newer ones take their place, also in the audit log', async () => {
    const governed = await openGovernance(await startTestGateway());
    const { gateway, ben } = governed;
    const older = await approvedRotation(governed);
    const path = await askForRotation(governed, { message: 'mine' }, ben);
    const digest = await digestFor(governed, path, governed.cleo);
    await governed.rotations(governed.cleo, 'post', `${path}/approve`, { digest }).expect(200);
    const rows = await outboxOf(gateway);
    const lapsed = rows.filter(({ dedupe_key }) => dedupe_key.startsWith('credentials-lapsed'));
    expect(lapsed.map(({ dedupe_key }) => dedupe_key)).toEqual(
      ['ann', 'ben', 'cleo'].map(
        (who) => `credentials-lapsed ${older.slice(1)} mail ${who}@example.com`,
      ),
    );
    const [event, ...others] = await eventsOf(gateway, 'rotation.credentials-lapsed');
    expect(others).toEqual([]);
    expect(JSON.stringify(event)).toContain(path.slice(1));
  });
});

describe('a requester who is disabled', () => {
  it('hears nothing more of the request, and neither do members who are', async () => {
    const governed = await openGovernance(await startTestGateway());
    const { gateway, ann, cleo } = governed;
    await askForRotation(governed);
    await gateway.database.db.deleteFrom('outbox').execute();
    await gateway.database.db
      .updateTable('users')
      .set({ state: 'disabled' })
      .where('id', 'in', [ann.id, cleo.id])
      .execute();
    gateway.clock.advance(14 * day);
    await gateway.tendRotations();
    expect((await outboxOf(gateway)).map(({ recipient }) => recipient)).toEqual([
      'ben@example.com',
    ]);
  });
});

describe('the events of a project', () => {
  it('tell of rotations in words, and of nothing that people wrote', async () => {
    const governed = await openGovernance(await startTestGateway());
    const { gateway, root, ann, ben, rotations } = governed;
    const declined = await askForRotation(governed, { message: 'WORDS OF ANN' });
    await rotations(ben, 'post', `${declined}/decline`, { reason: 'WORDS OF BEN' }).expect(200);
    const path = await approvedRotation(governed, { message: 'WORDS', revoke_old: 'after_grace' });
    await rotations(ann, 'post', `${path}/reveal`).expect(200);
    await rotations(ann, 'delete', await askForRotation(governed)).expect(200);
    await askForRotation(governed);
    gateway.clock.advance(14 * day);
    await gateway.tendRotations();
    await approvedRotation(governed);
    gateway.clock.advance(7 * day);
    await gateway.tendRotations();
    await leaveToFail(governed, await askForRotation(governed));
    gateway.clock.advance(61);
    await gateway.tendRotations();
    await governed.as(root, 'delete', `/access/${governed.access}`).expect(200);
    const answer = await callAsUser(gateway, root, 'get', '/v1/project/p1/events').expect(200);
    const events = answer.body.events as { event_type: string; event_desc: string }[];
    const told = events.filter(({ event_type }) => /^(access|rotation)\./.test(event_type));
    const sentences = new Map(told.map((one) => [one.event_type, one.event_desc]));
    expect(Object.fromEntries(sentences)).toEqual({
      'access.created': 'The access orders was made: a group owns the user orders.',
      'rotation.requested': 'ann@example.com asked for new credentials of orders.',
      'rotation.declined':
        'The request of ann@example.com for new credentials of orders was declined.',
      'rotation.approved': 'New credentials of orders for ann@example.com were approved.',
      'rotation.provided':
        'New credentials of orders were made, and wait for ann@example.com to reveal them.',
      'rotation.revealed': expect.stringMatching(
        /^ann@example\.com revealed the new credentials of orders from \S*127\.0\.0\.1\.$/,
      ),
      'rotation.old-revoked':
        'The older certificates of orders were revoked, as its rotation said.',
      'rotation.deleted': 'ann@example.com took back the request for new credentials of orders.',
      'rotation.lapsed':
        'Nobody decided on the request of ann@example.com for new credentials of orders: it has lapsed.',
      'rotation.credentials-lapsed':
        'New credentials of orders that ann@example.com had asked for were erased unseen.',
      'rotation.failed': expect.stringMatching(
        /^New credentials of orders could not be made: The service user orders of /,
      ),
      'access.deleted': 'The access orders was deleted: no group owns the user orders any more.',
    });
    expect(JSON.stringify(answer.body)).not.toContain('WORDS');
  });
});
