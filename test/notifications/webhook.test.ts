import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { makePostJson } from '../../src/notifications/post-json.js';
import { acknowledge, addPending, announce, outboxOf } from '../support/announcements.js';
import { startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { startMailServer } from '../support/mail-server.js';
import { openProject } from '../support/people.js';
import { startReceiver, verified } from '../support/webhook-receiver.js';

/** A gateway whose project has a webhook to `url`. */
async function startWithHook(
  url: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<{ gateway: TestGateway; id: string; secret: string }> {
  const gateway = await startTestGateway({
    EVERLEAF_WEBHOOK_PRIVATE: 'on',
    ...settings,
  });
  const { asRoot } = await openProject(gateway);
  const { body } = await asRoot('post', '/v1/project/p1/webhooks', { url }).expect(200);
  return { gateway, id: body.webhook.webhook_id, secret: body.webhook.secret };
}

const toHook = (id: string) => ({ channel: 'webhook' as const, recipients: [id] });
const iso = (seconds = 0): string => new Date(seconds * 1000).toISOString().replace('.000', '');

describe('a webhook', () => {
  it('gets a POST that a library of Standard Webhooks verifies', async () => {
    const receiver = await startReceiver();
    const { gateway, id, secret } = await startWithHook(receiver.url);
    const announcement = await addPending(gateway, 'jo');
    const [entry] = await announce(gateway, announcement, toHook(id));
    await gateway.deliverAnnouncements();
    const [post] = receiver.posts;
    if (!post) throw new Error('nothing came');
    expect(post).toMatchObject({
      method: 'POST',
      path: '/hook?token=RECEIVERS-SECRET',
      headers: {
        'webhook-id': entry,
        'content-type': 'application/json',
        'user-agent': 'everleaf',
      },
    });
    const [user] = announcement.users;
    expect(verified(post, secret)).toEqual({
      type: 'service_user.certificate_renewed',
      timestamp: iso(gateway.clock.now()),
      data: {
        project: 'p1',
        service: 'kafka-1',
        users: [
          {
            username: 'jo',
            expiring_cert_not_valid_after_time: iso(user?.oldNotAfter),
            access_cert_not_valid_after_time: iso(user?.newNotAfter),
          },
        ],
        console_url: `${gateway.urls.admin}/projects/p1/services/kafka-1`,
      },
    });
    const tampered = { ...post, body: post.body.replace('jo', 'al') };
    expect(() => verified(tampered, secret)).toThrow('No matching signature');
  });

  it('N7: gets what failed again under the same id, at a new time', async () => {
    let status = 500;
    const receiver = await startReceiver((_request, response) => response.writeHead(status).end());
    const { gateway, id } = await startWithHook(receiver.url);
    await announce(gateway, await addPending(gateway, 'jo'), toHook(id));
    await gateway.deliverAnnouncements();
    expect((await outboxOf(gateway))[0]).toMatchObject({ last_error: 'it answered 500' });
    status = 202;
    gateway.clock.advance(60);
    await gateway.deliverAnnouncements();
    await gateway.deliverAnnouncements();
    const headers = receiver.posts.map((post) => post.headers);
    expect(headers).toHaveLength(2);
    expect(headers[1]?.['webhook-id']).toBe(headers[0]?.['webhook-id']);
    const times = headers.map((one) => Number(one['webhook-timestamp']));
    expect(times).toEqual([gateway.clock.now() - 60, gateway.clock.now()]);
    expect((await outboxOf(gateway))[0]).toMatchObject({ state: 'sent', last_error: null });
  });

  it('is not followed by a redirect', async () => {
    const target = await startReceiver();
    const receiver = await startReceiver((_request, response) =>
      response.writeHead(307, { Location: target.url }).end(),
    );
    const { gateway, id } = await startWithHook(receiver.url);
    await announce(gateway, await addPending(gateway, 'jo'), toHook(id));
    await gateway.deliverAnnouncements();
    expect((await outboxOf(gateway))[0]).toMatchObject({
      state: 'waiting',
      last_error: 'it answered 307, and redirects are not followed',
    });
    expect(target.posts).toEqual([]);
  });

  it('that was added for a private address is not called once that is switched off', async () => {
    const receiver = await startReceiver();
    const { gateway, id } = await startWithHook(receiver.url);
    await announce(gateway, await addPending(gateway, 'jo'), toHook(id));
    const strict = await gateway.restart({ EVERLEAF_WEBHOOK_PRIVATE: 'off' });
    await strict.deliverAnnouncements();
    expect((await outboxOf(strict))[0]).toMatchObject({
      state: 'waiting',
      last_error: 'its URL has to begin with https://, unless EVERLEAF_WEBHOOK_PRIVATE=on',
    });
    expect(receiver.posts).toEqual([]);
  });

  it('of a name with a private address is refused before a byte is sent', async () => {
    const server = createServer();
    server.listen(0, '0.0.0.0');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    let connections = 0;
    server.on('connection', () => (connections += 1));
    // The name of this machine leads to itself, where it leads anywhere.
    const { gateway, id } = await startWithHook(`https://${hostname()}:${String(port)}/`);
    await announce(gateway, await addPending(gateway, 'jo'), toHook(id));
    const strict = await gateway.restart({ EVERLEAF_WEBHOOK_PRIVATE: 'off' });
    await strict.deliverAnnouncements();
    const [row] = await outboxOf(strict);
    expect(row?.state).toBe('waiting');
    expect(row?.last_error).toMatch(/loopback or private address|could not be reached \(E/);
    expect(connections).toBe(0);
    server.close();
  });

  it('that never answers is given up for this time, however slowly it speaks', async () => {
    const receiver = await startReceiver(() => undefined);
    const rules = { allowsPrivate: true, isPublic: () => true };
    const post = makePostJson(rules, { deadlineMs: 200 });
    const message = { url: receiver.url, headers: {}, body: '{}' };
    await expect(post(message, new AbortController().signal)).rejects.toThrow(
      'it did not answer in time',
    );
  });

  it('may send an endless body: the status is enough', async () => {
    const receiver = await startReceiver((_request, response) => {
      response.writeHead(200).write('x'.repeat(100_000));
    });
    const { gateway, id } = await startWithHook(receiver.url);
    await announce(gateway, await addPending(gateway, 'jo'), toHook(id));
    await gateway.deliverAnnouncements();
    expect((await outboxOf(gateway))[0]).toMatchObject({ state: 'sent' });
  });

  it('by HTTPS is only trusted with a certificate that leads to a known CA', async () => {
    const { gateway, id } = await startWithHook('https://127.0.0.1:1/');
    const { admin: url } = gateway.urls;
    await gateway.database.db.updateTable('webhooks').set({ url }).execute();
    await announce(gateway, await addPending(gateway, 'jo'), toHook(id));
    await gateway.deliverAnnouncements();
    expect((await outboxOf(gateway))[0]?.last_error).toMatch(
      /^it could not be reached \((SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+)\)$/,
    );
  });

  it('that was removed, or is another project’s, gets nothing', async () => {
    const receiver = await startReceiver();
    const { gateway, id } = await startWithHook(receiver.url);
    const announcement = await addPending(gateway, 'jo');
    await announce(gateway, announcement, { channel: 'webhook', recipients: ['wh0'] });
    await gateway.deliverAnnouncements();
    expect((await outboxOf(gateway))[0]).toMatchObject({
      last_error: 'the webhook has been removed',
    });
    await gateway.database.db
      .insertInto('projects')
      .columns([
        'name',
        'organization_id',
        'default_cloud',
        'tech_emails',
        'created_at',
        'updated_at',
      ])
      .expression((db) =>
        db
          .selectFrom('projects')
          .select((one) => [
            one.val('p2').as('name'),
            'organization_id',
            'default_cloud',
            'tech_emails',
            'created_at',
            'updated_at',
          ]),
      )
      .execute();
    await gateway.database.db.updateTable('webhooks').set({ project: 'p2' }).execute();
    await announce(gateway, announcement, toHook(id));
    await gateway.deliverAnnouncements();
    expect(receiver.posts).toEqual([]);
  });

  it('N5: is told only of those whose renewal is still pending', async () => {
    const receiver = await startReceiver();
    const { gateway, id } = await startWithHook(receiver.url);
    await announce(gateway, await addPending(gateway, 'jo', 'al'), toHook(id));
    await acknowledge(gateway, 'al');
    await gateway.deliverAnnouncements();
    expect(receiver.posts[0]?.body).toContain('"username":"jo"');
    expect(receiver.posts[0]?.body).not.toContain('"username":"al"');
  });

  it('is not held up by a mail server that does not answer', async () => {
    let release: () => void = () => undefined;
    const hold = new Promise<void>((resolve) => (release = resolve));
    const server = await startMailServer({ hold });
    const receiver = await startReceiver();
    const mail = { EVERLEAF_SMTP_URL: server.url, EVERLEAF_MAIL_FROM: 'a@example.com' };
    const { gateway, id } = await startWithHook(receiver.url, mail);
    const announcement = await addPending(gateway, 'jo');
    await announce(gateway, announcement, { recipients: ['a@b.example', 'c@d.example'] });
    await announce(gateway, announcement, toHook(id));
    const delivering = gateway.deliverAnnouncements();
    await Promise.all([receiver.first, server.taken(2)]);
    release();
    await delivering;
    expect(new Set((await outboxOf(gateway)).map(({ state }) => state))).toEqual(new Set(['sent']));
  });

  it('N8: no log, outbox or audit event holds its secret or its URL', async () => {
    const receiver = await startReceiver((_request, response) => response.writeHead(500).end());
    const { gateway, id, secret } = await startWithHook(receiver.url);
    await announce(gateway, await addPending(gateway, 'jo'), toHook(id));
    await gateway.deliverAnnouncements();
    const { db } = gateway.database;
    const events = await db.selectFrom('audit_events').selectAll().execute();
    const webhooks = await db.selectFrom('webhooks').select(['sealed_secret']).execute();
    const told = JSON.stringify([gateway.logs, await outboxOf(gateway), events, webhooks]);
    expect(told).not.toContain('RECEIVERS-SECRET');
    expect(told).not.toContain(secret.slice('whsec_'.length));
  });
});
