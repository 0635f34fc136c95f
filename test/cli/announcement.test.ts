import { describe, expect, it } from '@jest/globals';
import { addPending, addProject, announce, outboxOf } from '../support/announcements.js';
import { startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { closedPort, startMailServer } from '../support/mail-server.js';
import { eventsOf } from '../support/record.js';
import { everleaf, everleafJson } from './everleaf.js';

/** A gateway with an announcement that was given up, since its mail server did not listen. */
async function startWithDead(): Promise<{ gateway: TestGateway; id: string; port: number }> {
  const port = await closedPort();
  const gateway = await startTestGateway({
    EVERLEAF_SMTP_URL: `smtp://127.0.0.1:${String(port)}`,
    EVERLEAF_MAIL_FROM: 'a@example.com',
  });
  await addProject(gateway);
  const announcement = await addPending(gateway, 'jo');
  const [id = ''] = await announce(gateway, announcement, { recipients: ['ops@example.com'] });
  for (let attempt = 0; attempt < 7; attempt += 1) {
    await gateway.deliverAnnouncements();
    gateway.clock.advance(86_400);
  }
  return { gateway, id, port };
}

describe('everleaf announcement', () => {
  it('lists what is sent, waiting and dead, and why', async () => {
    const { gateway, id } = await startWithDead();
    const settings = { EVERLEAF_HOME: gateway.home };
    const announcement = await addPending(gateway, 'al');
    await announce(gateway, announcement, { recipients: ['later@example.com'], key: 'al' });
    const all = await everleafJson<object[]>(settings, 'announcement', 'list');
    expect(all).toHaveLength(2);
    const dead = await everleafJson(settings, 'announcement', 'list', '--state', 'dead');
    expect(dead).toEqual([
      {
        id,
        state: 'dead',
        kind: 'certificate-renewed',
        channel: 'mail',
        recipient: 'ops@example.com',
        project: 'p1',
        service: 'kafka-1',
        createdAt: expect.stringMatching(/Z$/),
        attempts: 7,
        nextAttemptAt: null,
        sentAt: null,
        lastError: 'the mail server refused it or could not be reached (ESOCKET)',
      },
    ]);
    const { stdout } = await everleaf(settings, 'announcement', 'list', '--limit', '1');
    expect(stdout).toMatch(/later@example.com +p1\/kafka-1 .* next try \d{4}-/);
    expect(stdout).not.toContain('ops@example.com');
  });

  it('retry sends a dead one again, once', async () => {
    const { gateway, id, port } = await startWithDead();
    const settings = { EVERLEAF_HOME: gateway.home };
    const server = await startMailServer({ port });
    const retried = await everleaf(settings, 'announcement', 'retry', id.slice(0, 12));
    expect(retried).toMatchObject({ code: 0, stderr: '' });
    await gateway.deliverAnnouncements();
    expect(server.mails.map(({ to }) => to)).toEqual([['ops@example.com']]);
    expect((await outboxOf(gateway))[0]).toMatchObject({ state: 'sent', attempts: 1 });
    const again = await everleaf(settings, 'announcement', 'retry', id);
    expect(again).toEqual({
      code: 1,
      stdout: '',
      stderr: `everleaf: No unsent announcement begins with ${id}: everleaf announcement list shows them by their IDs.\n`,
    });
    const [event, ...others] = await eventsOf(gateway, 'announcement.retried');
    expect(event).toMatchObject({ project: 'p1', service: 'kafka-1' });
    expect(others).toEqual([]);
  });

  it('retry leaves alone what is tried again by itself', async () => {
    const gateway = await startTestGateway();
    await addProject(gateway);
    const announcement = await addPending(gateway, 'jo');
    const [id = ''] = await announce(gateway, announcement, { recipients: ['ops@example.com'] });
    const before = await outboxOf(gateway);
    const settings = { EVERLEAF_HOME: gateway.home };
    const { code, stderr } = await everleaf(settings, 'announcement', 'retry', id);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `The announcement ${id.slice(0, 12)} is tried again by itself, next at`,
    );
    expect(await outboxOf(gateway)).toEqual(before);
  });

  it.each([
    [['retry'], "missing required argument 'id'"],
    [['retry', 'xyz'], 'It must be hex digits, at least six of them.'],
    [['list', '--state', 'lost'], 'Allowed choices are waiting, sent, dead, withdrawn.'],
    [['list', '--limit', '0'], 'It must be a whole number, 1 or more.'],
  ])('ends with 2 where it is called wrongly: %j', async (words, sentence) => {
    const ended = await everleaf({}, 'announcement', ...words);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(sentence);
  });
});
