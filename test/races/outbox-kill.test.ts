import { expect, it } from '@jest/globals';
import { makeOutboxStore } from '../../src/notifications/outbox-store.js';
import { openDatabase } from '../../src/storage/database.js';
import { addPending, addProject, announce, outboxOf } from '../support/announcements.js';
import { startTestGateway } from '../support/gateway.js';
import { startMailServer } from '../support/mail-server.js';
import { serveReady } from '../support/serve.js';

it('N7: a gateway killed after the mail server took a mail, before that is on record, sends that one again under the same id', async () => {
  const server = await startMailServer({ hold: new Promise(() => undefined) });
  const first = await startTestGateway({
    EVERLEAF_SMTP_URL: server.url,
    EVERLEAF_MAIL_FROM: 'a@example.com',
  });
  await addProject(first);
  const announcement = await addPending(first, 'jo');
  await first.stop();

  const settings = { EVERLEAF_HOME: first.home, EVERLEAF_SMTP_URL: server.url };
  const killed = await serveReady({ ...settings, EVERLEAF_MAIL_FROM: 'a@example.com' });
  const database = await openDatabase(`sqlite:${first.home}/everleaf.db`);
  const recipients = ['a@b.example', 'c@d.example'];
  await announce({ ...first, database }, announcement, { recipients });
  // It looks by itself within seconds.
  await server.taken(2);
  killed.kill('SIGKILL');
  await killed.ended;
  const outbox = makeOutboxStore(database.db);
  const claimed = await outbox.due('mail', { now: first.clock.now() + 300, limit: 9 });
  expect(claimed.map(({ attempts }) => attempts)).toEqual([1, 1]);
  await database.close();

  const open = await startMailServer();
  const next = await first.restart({ EVERLEAF_SMTP_URL: open.url });
  await next.deliverAnnouncements();
  expect(open.mails).toEqual([]);
  next.clock.advance(240);
  await next.deliverAnnouncements();
  await next.deliverAnnouncements();
  const idsOf = ({ mails }: typeof open) =>
    mails.map(({ headers }) => headers['message-id']).sort();
  expect(open.mails).toHaveLength(2);
  expect(idsOf(open)).toEqual(idsOf(server));
  expect((await outboxOf(next)).map(({ state }) => state)).toEqual(['sent', 'sent']);
}, 60_000);
