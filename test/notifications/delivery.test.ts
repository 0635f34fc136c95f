import { describe, expect, it } from '@jest/globals';
import { makeDeliverDue } from '../../src/notifications/deliver-announcements.js';
import { keepDelivering } from '../../src/notifications/keep-delivering.js';
import { makeOutboxStore } from '../../src/notifications/outbox-store.js';
import {
  acknowledge,
  addPending,
  addProject,
  announce,
  outboxOf,
} from '../support/announcements.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { callAdmin, startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { closedPort, startMailServer } from '../support/mail-server.js';
import { startReplicas } from '../support/replicas.js';

const from = { EVERLEAF_MAIL_FROM: 'Everleaf <everleaf@example.com>' };
const noWords = (): void => undefined;
const minute = 60;
const hour = 60 * minute;

const addresses = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `user-${String(index)}@example.com`);

/** A gateway whose mail server does not listen. */
async function startWithoutServer(): Promise<{ gateway: TestGateway; port: number }> {
  const port = await closedPort();
  const url = `smtp://127.0.0.1:${String(port)}`;
  const gateway = await startTestGateway({ EVERLEAF_SMTP_URL: url, ...from });
  await addProject(gateway);
  return { gateway, port };
}

describeOnEachDatabase('the outbox of two gateways', (fresh) => {
  it('N7: two gateways that look at once send each announcement once', async () => {
    const server = await startMailServer();
    const settings = { EVERLEAF_SMTP_URL: server.url, ...from };
    const replicas = await startReplicas((await fresh()).url, settings);
    await addProject(replicas[0]);
    const announcement = await addPending(replicas[0], 'jo');
    const recipients = addresses(40);
    await announce(replicas[0], announcement, { recipients });
    await Promise.all([...replicas, ...replicas].map((one) => one.deliverAnnouncements()));
    expect(server.mails.flatMap(({ to }) => to).sort()).toEqual([...recipients].sort());
    const rows = await outboxOf(replicas[1]);
    expect(new Set(rows.map(({ state, attempts }) => `${state} ${String(attempts)}`))).toEqual(
      new Set(['sent 1']),
    );
  });

  it('N7: the same slot that two schedulers add at once is one entry, and the first one stands', async () => {
    const replicas = await startReplicas((await fresh()).url);
    await addProject(replicas[0]);
    const first = await addPending(replicas[0], 'jo');
    const recipients = addresses(20);
    await Promise.all(
      [...replicas, ...replicas].map((one) => announce(one, first, { recipients })),
    );
    await announce(replicas[1], { ...first, kind: 'certificate-reminder' }, { recipients });
    const rows = await outboxOf(replicas[0]);
    expect(rows).toHaveLength(20);
    for (const { payload } of rows) expect(JSON.parse(payload)).toEqual(first);
  });

  it('of many who claim an entry gives it to one, and a late sender changes nothing', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const [{ clock }] = replicas;
    await addProject(replicas[0]);
    await announce(replicas[0], await addPending(replicas[0], 'jo'), {
      recipients: ['a@b.example'],
    });
    const [first, other] = [
      makeOutboxStore(replicas[0].database.db),
      makeOutboxStore(replicas[1].database.db),
    ];
    const claimAll = async (attempts: number) => {
      const seen = { dedupeKey: 'slot:a@b.example', attempts };
      const claims = await Promise.all(
        Array.from({ length: 10 }, (_, turn) =>
          (turn % 2 === 0 ? first : other).claim(seen, clock.now()),
        ),
      );
      return claims.filter((claim) => claim !== undefined);
    };
    const [late, ...none] = await claimAll(0);
    expect(none).toEqual([]);
    expect(await claimAll(1)).toEqual([]);
    clock.advance(180);
    const [second] = await claimAll(1);
    if (!late || !second) throw new Error('nobody got the entry');
    expect(await first.markSent(late, clock.now())).toBe(false);
    expect(await first.markFailed(late, { state: 'dead', at: 0 }, 'late')).toBe(false);
    expect(await first.markWithdrawn(late)).toBe(false);
    expect(await other.markSent(second, clock.now())).toBe(true);
    expect(await outboxOf(replicas[0])).toEqual([
      expect.objectContaining({ state: 'sent', attempts: 2, last_error: null }),
    ]);
  });
});

describe('delivery', () => {
  it('N7: sends nothing again after a restart', async () => {
    const server = await startMailServer();
    const gateway = await startTestGateway({ EVERLEAF_SMTP_URL: server.url, ...from });
    await addProject(gateway);
    await announce(gateway, await addPending(gateway, 'jo'), { recipients: addresses(3) });
    await gateway.deliverAnnouncements();
    const again = await gateway.restart();
    await announce(again, await addPending(again, 'al'), { recipients: addresses(3) });
    await again.deliverAnnouncements();
    expect(server.mails).toHaveLength(3);
  });

  it('N7: what a crashed sender had claimed is sent when the claim lapses, not before', async () => {
    const server = await startMailServer();
    const gateway = await startTestGateway({ EVERLEAF_SMTP_URL: server.url, ...from });
    await addProject(gateway);
    await announce(gateway, await addPending(gateway, 'jo'), { recipients: ['a@b.example'] });
    const outbox = makeOutboxStore(gateway.database.db);
    await outbox.claim({ dedupeKey: 'slot:a@b.example', attempts: 0 }, gateway.clock.now());
    gateway.clock.advance(179);
    await gateway.deliverAnnouncements();
    expect(server.mails).toEqual([]);
    gateway.clock.advance(1);
    await gateway.deliverAnnouncements();
    expect(server.mails).toHaveLength(1);
  });

  it('tries again after 1 min, 5 min, 30 min, 2 h, 6 h and a day, then gives up', async () => {
    const { gateway } = await startWithoutServer();
    const { clock } = gateway;
    await announce(gateway, await addPending(gateway, 'jo'), { recipients: ['a@b.example'] });
    const pauses = [minute, 5 * minute, 30 * minute, 2 * hour, 6 * hour, 24 * hour];
    for (const [done, pause] of pauses.entries()) {
      await gateway.deliverAnnouncements();
      const expected = { state: 'waiting', attempts: done + 1 };
      const [row] = await outboxOf(gateway);
      expect(row).toMatchObject({ ...expected, next_attempt_at: clock.now() + pause });
      clock.advance(pause - 1);
      await gateway.deliverAnnouncements();
      expect((await outboxOf(gateway))[0]).toMatchObject(expected);
      clock.advance(1);
    }
    await gateway.deliverAnnouncements();
    clock.advance(365 * 24 * hour);
    await gateway.deliverAnnouncements();
    expect((await outboxOf(gateway))[0]).toMatchObject({
      state: 'dead',
      attempts: 7,
      sent_at: null,
      last_error: 'the mail server refused it or could not be reached (ESOCKET)',
    });
    const { text } = await callAdmin(gateway, 'get', '/metrics').expect(200);
    expect(text.match(/^everleaf_announcements_total.*$/gm)).toEqual([
      'everleaf_announcements_total{channel="mail",state="failed"} 6',
      'everleaf_announcements_total{channel="mail",state="dead"} 1',
    ]);
    const levels = gateway.logs
      .filter(({ channel }) => channel === 'mail')
      .map(({ level }) => level);
    expect(levels).toEqual([...Array<string>(6).fill('warn'), 'error']);
  });

  it('gives up what the gateway did not survive seven times', async () => {
    const { gateway } = await startWithoutServer();
    await announce(gateway, await addPending(gateway, 'jo'), { recipients: ['a@b.example'] });
    const values = { attempts: 7, next_attempt_at: gateway.clock.now() };
    await gateway.database.db.updateTable('outbox').set(values).execute();
    await gateway.deliverAnnouncements();
    expect((await outboxOf(gateway))[0]).toMatchObject({
      state: 'dead',
      last_error: 'the gateway ended while it was sent',
    });
  });

  it('brings everything when the mail server is up again', async () => {
    const { gateway, port } = await startWithoutServer();
    await announce(gateway, await addPending(gateway, 'jo'), { recipients: addresses(60) });
    await gateway.deliverAnnouncements();
    expect(new Set((await outboxOf(gateway)).map(({ state }) => state))).toEqual(
      new Set(['waiting']),
    );
    const server = await startMailServer({ port });
    gateway.clock.advance(minute);
    await gateway.deliverAnnouncements();
    expect(server.mails).toHaveLength(60);
    expect(new Set((await outboxOf(gateway)).map(({ state }) => state))).toEqual(new Set(['sent']));
  });

  it('N4: does not announce any more what was acknowledged while it waited', async () => {
    const { gateway, port } = await startWithoutServer();
    const announcement = await addPending(gateway, 'jo', 'al');
    await announce(gateway, announcement, { recipients: ['a@b.example'] });
    await gateway.deliverAnnouncements();
    await acknowledge(gateway, 'jo');
    await acknowledge(gateway, 'al');
    const server = await startMailServer({ port });
    gateway.clock.advance(minute);
    await gateway.deliverAnnouncements();
    expect(server.mails).toEqual([]);
    expect((await outboxOf(gateway))[0]).toMatchObject({ state: 'withdrawn', sent_at: null });
  });

  it('N5: names only those whose renewal is still pending when it leaves', async () => {
    const { gateway, port } = await startWithoutServer();
    const announcement = await addPending(gateway, 'jo', 'al');
    await announce(gateway, announcement, { recipients: ['a@b.example'] });
    await gateway.deliverAnnouncements();
    await acknowledge(gateway, 'jo');
    const server = await startMailServer({ port });
    gateway.clock.advance(minute);
    await gateway.deliverAnnouncements();
    const [mail] = server.mails;
    expect(mail?.text).toContain('al: the old certificate ends');
    expect(mail?.text).not.toContain('jo');
  });

  it('withdraws what tells of a renewal that another one has replaced', async () => {
    const { gateway } = await startWithoutServer();
    const announcement = await addPending(gateway, 'jo');
    await announce(gateway, announcement, { recipients: ['a@b.example'] });
    await gateway.database.db.updateTable('service_users').set({ old_not_after: 5 }).execute();
    await gateway.deliverAnnouncements();
    expect((await outboxOf(gateway))[0]).toMatchObject({ state: 'withdrawn' });
  });

  it('finishes at the stop what is under way, and leaves the rest to the next start', async () => {
    let release: () => void = () => undefined;
    const hold = new Promise<void>((resolve) => (release = resolve));
    const server = await startMailServer({ hold });
    const gateway = await startTestGateway({ EVERLEAF_SMTP_URL: server.url, ...from });
    await addProject(gateway);
    await announce(gateway, await addPending(gateway, 'jo'), { recipients: addresses(9) });
    const delivering = gateway.deliverAnnouncements();
    await server.taken(4);
    const stopping = gateway.stop();
    release();
    await Promise.all([delivering, stopping]);
    expect(server.mails).toHaveLength(4);
    const again = await gateway.restart();
    await again.deliverAnnouncements();
    expect(server.mails).toHaveLength(9);
  });

  it('N4: reminds of no certificate that has ended, and tells of its renewal even then', async () => {
    const server = await startMailServer();
    const gateway = await startTestGateway({ EVERLEAF_SMTP_URL: server.url, ...from });
    await addProject(gateway);
    const announcement = await addPending(gateway, 'jo', 'al');
    const reminder = { ...announcement, kind: 'certificate-reminder' } as const;
    gateway.clock.advance(90 * 24 * hour);
    await announce(gateway, reminder, { recipients: ['a@b.example'] });
    await gateway.deliverAnnouncements();
    expect(server.mails[0]?.text).toContain('al: the old certificate ends');
    expect(server.mails[0]?.text).not.toContain('jo:');
    gateway.clock.advance(1);
    await announce(gateway, reminder, { recipients: ['c@d.example'] });
    await announce(gateway, announcement, { recipients: ['e@f.example'] });
    await gateway.deliverAnnouncements();
    expect(server.mails.map(({ to }) => to)).toEqual([['a@b.example'], ['e@f.example']]);
    expect((await outboxOf(gateway))[1]).toMatchObject({ state: 'withdrawn' });
  });

  it('lets go at the stop of what never ends, and keeps the claim: nobody knows whether it arrived', async () => {
    const gateway = await startTestGateway();
    const { clock } = gateway;
    await addProject(gateway);
    await announce(gateway, await addPending(gateway, 'jo'), { recipients: ['a@b.example'] });
    const log = { debug: noWords, info: noWords, warn: noWords, error: noWords };
    let announceSending: () => void = noWords;
    const isSending = new Promise<void>((resolve) => (announceSending = resolve));
    const outbox = makeOutboxStore(gateway.database.db);
    const deliverDue = makeDeliverDue({
      channel: 'mail',
      outbox,
      stillPending: (announcement) => Promise.resolve(announcement),
      send: (_entry, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('let go')));
          announceSending();
        }),
      clock: clock.now,
      log,
      count: noWords,
    });
    const kept = keepDelivering({ channels: [deliverDue], clock: clock.now, log });
    const delivering = kept.deliver();
    await isSending;
    await kept.stop(0);
    await delivering;
    expect((await outboxOf(gateway))[0]).toMatchObject({
      state: 'waiting',
      attempts: 1,
      next_attempt_at: clock.now() + 180,
      last_error: null,
    });
  });
});
