import { describe, expect, it } from '@jest/globals';
import { makeSmtpMailer } from '../../src/notifications/smtp-mailer.js';
import {
  acknowledge,
  addPending,
  addProject,
  announce,
  outboxOf,
} from '../support/announcements.js';
import { startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { startMailServer } from '../support/mail-server.js';
import type { MailServer } from '../support/mail-server.js';

const sender = { EVERLEAF_MAIL_FROM: 'Everleaf <everleaf@example.com>' };
const recipients = ['ops@example.com'];
const letter = { recipient: 'a@b.example', subject: 's', text: 't', html: 'h', id: 'i', date: 0 };

async function startWith(
  server: MailServer,
  settings: Readonly<Record<string, string>> = {},
): Promise<TestGateway> {
  const gateway = await startTestGateway({
    EVERLEAF_SMTP_URL: server.url,
    EVERLEAF_ADMIN_URL: 'https://admin.example.com',
    ...sender,
    ...settings,
  });
  await addProject(gateway);
  return gateway;
}

const utc = (seconds: number): string =>
  `${new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

describe('a mail', () => {
  it('N1: names project, service, users and their ends, and says what to do', async () => {
    const server = await startMailServer();
    const gateway = await startWith(server);
    const announcement = await addPending(gateway, 'jo', 'a/b@c d');
    const [id] = await announce(gateway, announcement, { recipients });
    await gateway.deliverAnnouncements();
    const [mail] = server.mails;
    expect(mail).toMatchObject({
      from: 'everleaf@example.com',
      to: recipients,
      headers: {
        from: 'Everleaf <everleaf@example.com>',
        to: 'ops@example.com',
        subject: 'p1/kafka-1: new certificate of 2 users is ready',
        'message-id': `<${String(id)}@example.com>`,
        'auto-submitted': 'auto-generated',
      },
    });
    const lines = mail?.text.split('\n').map((line) => line.trim());
    for (const { username, oldNotAfter, newNotAfter } of announcement.users) {
      expect(lines).toContain(
        `- ${username}: the old certificate ends ${utc(oldNotAfter)}, the new one ${utc(newNotAfter)}`,
      );
    }
    for (const line of [
      'avn service user-creds-download --project p1 --username jo kafka-1',
      'avn service user-creds-acknowledge --project p1 --username jo kafka-1',
      'everleaf user acknowledge p1 kafka-1 jo',
      "avn service user-creds-acknowledge --project p1 --username 'a/b@c d' kafka-1",
      "everleaf user acknowledge p1 kafka-1 'a/b@c d'",
      'The page of the service: https://admin.example.com/projects/p1/services/kafka-1',
    ]) {
      expect(lines).toContain(line);
    }
    expect(mail?.html).toContain(
      '<a href="https://admin.example.com/projects/p1/services/kafka-1">',
    );
    expect(mail?.html).toContain('everleaf user acknowledge p1 kafka-1 jo');
  });

  it('that reminds says when the first of them ends', async () => {
    const server = await startMailServer();
    const gateway = await startWith(server);
    const announcement = await addPending(gateway, 'jo');
    await announce(gateway, { ...announcement, kind: 'certificate-reminder' }, { recipients });
    await gateway.deliverAnnouncements();
    const end = utc(announcement.users[0]?.oldNotAfter ?? 0);
    expect(server.mails[0]?.headers['subject']).toBe(
      `p1/kafka-1: certificate of jo ends ${end.slice(0, 10)}`,
    );
    expect(server.mails[0]?.text).toContain(`The first of the old ones ends ${end}`);
  });

  it('tells that credentials were fetched, also when the renewal has been acknowledged', async () => {
    const server = await startMailServer();
    const gateway = await startWith(server);
    const announcement = await addPending(gateway, 'jo');
    await announce(gateway, { ...announcement, kind: 'credentials-fetched' }, { recipients });
    await acknowledge(gateway, 'jo');
    await gateway.deliverAnnouncements();
    const [mail] = server.mails;
    expect(mail?.headers['subject']).toBe(
      'p1/kafka-1: new credentials of jo were fetched by certificate',
    );
    expect(mail?.text).toContain('   everleaf certificate list --holder p1/kafka-1/jo\n');
    expect(mail?.text).toContain('   everleaf user reset p1 kafka-1 jo\n');
    expect(mail?.text).not.toContain('Acknowledge');
    const hyphened = await addPending(gateway, '-rf');
    const fetched = { ...hyphened, kind: 'credentials-fetched' } as const;
    await announce(gateway, fetched, { recipients, key: 'hyphened' });
    await gateway.deliverAnnouncements();
    expect(server.mails[1]?.text).toContain('   everleaf user reset -- p1 kafka-1 -rf\n');
  });

  it('shows names as they are: nothing in them is HTML, a command, a header or another recipient', async () => {
    const server = await startMailServer();
    const gateway = await startWith(server);
    const evil = `<b>x</b>'; rm -rf / #"\r\nBcc: evil@example.com\u202e`;
    const announcement = await addPending(gateway, evil);
    await announce(gateway, announcement, { recipients: ['a,evil@example.com'] });
    await gateway.deliverAnnouncements();
    const [mail] = server.mails;
    expect(mail?.to).toEqual(['"a,evil"@example.com']);
    expect(Object.keys(mail?.headers ?? {})).not.toContain('bcc');
    expect(mail?.html).not.toContain('<b>');
    expect(mail?.html).toContain('&lt;b&gt;x&lt;/b&gt;&#39;; rm');
    expect(mail?.text).not.toMatch(/^Bcc/m);
    expect(mail?.text).not.toContain('\u202e');
    expect(mail?.text).toContain(`--username '<b>x</b>'\\''; rm -rf / #"\ufffd\ufffdBcc:`);
  });

  it('SU-R10: names a hundred of ten thousand users and stays a mail', async () => {
    const server = await startMailServer();
    const gateway = await startWith(server);
    const names = Array.from({ length: 1_200 }, (_, index) => `user-${String(index)}`);
    await announce(gateway, await addPending(gateway, ...names), { recipients });
    await gateway.deliverAnnouncements();
    const [mail] = server.mails;
    expect(mail?.text.match(/the old certificate ends/g)).toHaveLength(100);
    expect(mail?.text).toContain('- and 1100 more');
    expect(mail?.text).toContain('The commands are the same for the other users.');
    expect(mail?.raw.length).toBeLessThan(64 * 1024);
  });

  it('N8: holds no key and no password, nor does the outbox or the log', async () => {
    const server = await startMailServer();
    const gateway = await startWith(server);
    await announce(gateway, await addPending(gateway, 'jo'), { recipients });
    await gateway.deliverAnnouncements();
    const told = [
      server.mails[0]?.raw,
      server.mails[0]?.text,
      server.mails[0]?.html,
      JSON.stringify(await outboxOf(gateway)),
      JSON.stringify(gateway.logs),
    ].join('\n');
    const { sealed_key, sealed_password, certificate } = await gateway.database.db
      .selectFrom('service_users')
      .selectAll()
      .executeTakeFirstOrThrow();
    for (const secret of [sealed_key, sealed_password, certificate, gateway.adminToken]) {
      expect(String(secret).length).toBeGreaterThan(8);
      expect(told).not.toContain(secret);
    }
    expect(told).not.toMatch(/PRIVATE KEY|whsec_|v1\.[A-Za-z0-9_-]{40}/);
  });

  it('is logged by its subject alone where there is no mail server', async () => {
    const gateway = await startTestGateway();
    await addProject(gateway);
    await announce(gateway, await addPending(gateway, 'jo'), { recipients });
    await gateway.deliverAnnouncements();
    expect(gateway.logs.filter(({ message }) => message.includes('mail'))).toEqual([
      {
        level: 'info',
        message: 'a mail was not sent: EVERLEAF_SMTP_URL is not set',
        subject: 'p1/kafka-1: new certificate of jo is ready',
      },
    ]);
    expect((await outboxOf(gateway))[0]).toMatchObject({ state: 'sent' });
  });
});

describe('a mail server', () => {
  const withCredentials = (server: MailServer, password: string): string =>
    `smtp://us%40er:${encodeURIComponent(password)}@127.0.0.1:${String(server.port)}`;
  const password = 'SMTP-SECRET/@:';
  const asking = {
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: (
      auth: { username?: string | undefined; password?: string | null | undefined },
      _session: unknown,
      done: (error: Error | null, answer?: { user: string }) => void,
    ) => {
      if (auth.username === 'us@er' && auth.password === password) done(null, { user: 'user' });
      else done(new Error(`535 no: ${String(auth.password)}`));
    },
  };

  it('gets user and password of its URL', async () => {
    const server = await startMailServer({ options: asking });
    const gateway = await startWith(server, {
      EVERLEAF_SMTP_URL: withCredentials(server, password),
    });
    await announce(gateway, await addPending(gateway, 'jo'), { recipients });
    await gateway.deliverAnnouncements();
    expect(server.mails).toHaveLength(1);
    expect(JSON.stringify(gateway.logs)).not.toContain('SMTP-SECRET');
  });

  it('that repeats a wrong password in its refusal gets it neither into the outbox nor into the log', async () => {
    const server = await startMailServer({ options: asking });
    const url = withCredentials(server, 'WRONG-SECRET');
    const gateway = await startWith(server, { EVERLEAF_SMTP_URL: url });
    await announce(gateway, await addPending(gateway, 'jo'), { recipients });
    await gateway.deliverAnnouncements();
    const [row] = await outboxOf(gateway);
    expect(row).toMatchObject({
      state: 'waiting',
      last_error: 'the mail server refused it or could not be reached (EAUTH 535)',
    });
    expect(JSON.stringify([row, gateway.logs])).not.toContain('SECRET');
  });

  it('that refuses a recipient is asked again later', async () => {
    const options = {
      onRcptTo: (_address: unknown, _session: unknown, done: (error: Error) => void) =>
        done(Object.assign(new Error('greylisted'), { responseCode: 451 })),
    };
    const gateway = await startWith(await startMailServer({ options }));
    await announce(gateway, await addPending(gateway, 'jo'), { recipients });
    await gateway.deliverAnnouncements();
    expect((await outboxOf(gateway))[0]).toMatchObject({
      state: 'waiting',
      last_error: 'the mail server refused it or could not be reached (EENVELOPE 451)',
    });
  });

  it('that is slower than the deadline is given up for this time', async () => {
    const server = await startMailServer({ hold: new Promise(() => undefined) });
    const from = { name: '', address: 'a@example.com' };
    const settings = { host: '127.0.0.1', port: server.port, hasTls: false, from };
    const mailer = makeSmtpMailer({ ...settings, credentials: undefined }, { deadlineMs: 300 });
    await expect(mailer(letter, new AbortController().signal)).rejects.toThrow(
      'the mail server did not answer in time',
    );
  });

  it.each([
    ['offers none', ['STARTTLS'], '(ETLS'],
    ['has a certificate that nobody knows', [], '(ESOCKET)'],
  ])('elsewhere that %s for TLS gets no password', async (_what, disabledCommands, code) => {
    let isAsked = false;
    const onAuth = (): void => {
      isAsked = true;
    };
    const options = { allowInsecureAuth: true, disabledCommands, onAuth };
    const server = await startMailServer({ options });
    // An address of this machine that is none of those by which a machine calls itself.
    const settings = { host: '0.0.0.0', port: server.port, hasTls: false };
    const mailer = makeSmtpMailer(
      {
        ...settings,
        credentials: { user: 'us@er', pass: password },
        from: { name: '', address: 'a@example.com' },
      },
      { deadlineMs: 5_000 },
    );
    await expect(mailer(letter, new AbortController().signal)).rejects.toThrow(code);
    expect(isAsked).toBe(false);
  });
});
