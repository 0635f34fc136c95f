import { expect, it } from '@jest/globals';
import { makeListEvents } from '../../src/authority/audit-review.js';
import { commandLine } from '../support/command-line.js';
import { signIn } from '../support/console.js';
import { describeOnEachDatabase } from '../support/databases.js';
import type { FreshDatabase } from '../support/databases.js';
import { pair } from '../support/gateway.js';
import { openProject, startOn } from '../support/people.js';

/** A gateway with a project, on whose record seven events are besides its own: the oldest first, by turns even and odd. */
async function withSevenEvents(
  fresh: FreshDatabase,
  wordsOf: (index: number) => { readonly actor: string; readonly detail: string },
) {
  const gateway = await startOn(await fresh());
  await openProject(gateway);
  const now = gateway.clock.now();
  const blank = { holder: null, certificate: null, request_id: null, service: null };
  const rows = Array.from({ length: 7 }, (_, index) => ({
    ...blank,
    at: now - 100_000 + index * 10_000,
    level: 'info' as const,
    action: index % 2 === 0 ? 'test.even' : 'test.odd',
    project: 'p1',
    ...wordsOf(index),
  }));
  await gateway.database.db.insertInto('audit_events').values(rows).execute();
  return { gateway, now, list: makeListEvents(gateway.database.db) };
}

describeOnEachDatabase('the audit log', (fresh) => {
  it('is cut into pages, and filtered by action, actor, project and time', async () => {
    const actor = 'user:jo@example.com';
    const { now, list } = await withSevenEvents(fresh, () => ({ actor, detail: '{}' }));

    const even = await list({ action: 'test.even' }, { limit: 3 });
    const rest = await list({ action: 'test.even' }, { before: even.at(-1)?.id, limit: 3 });

    expect([even.length, rest.length]).toEqual([3, 1]);
    const all = { action: 'test.even', actor, project: 'p1' };
    expect(await list(all, { limit: 9 })).toHaveLength(4);
    expect(await list({ ...all, project: 'p2' }, { limit: 9 })).toEqual([]);
    const within = { actor, since: now - 90_000, until: now - 60_000 };
    expect((await list(within, { limit: 9 })).map(({ at }) => now - at)).toEqual([
      70_000, 80_000, 90_000,
    ]);
  });

  it('tells times as times, and leads on from certificates and actors', async () => {
    const gateway = await startOn(await fresh());
    const { sha256 } = await pair(gateway, 'shop');
    const admin = await signIn(gateway);
    const { text } = await admin.get('/audit?holder=shop').expect(200);
    expect(text).toMatch(/expiresAt<\/span> <time datetime="20/);
    expect(text).not.toContain('ignored');
    expect(text).toContain(`<a href="/applications/shop#c-${sha256}"><code title="${sha256}">`);
    const operator = /operator:([0-9a-f]{12})/.exec(text)?.[1] ?? '';
    const ofOperator = await admin.get(`/audit?actor=operator:${operator}`).expect(200);
    expect(ofOperator.text).toContain(`npx everleaf access-token withdraw ${operator}</code>`);
    await commandLine(gateway, `access-token withdraw ${operator}`);

    await admin.post('/applications/revocations/new', {
      certificate: sha256,
      reason: 'superseded',
    });
    const revoked = await admin.get('/audit?action=certificate.revoked').expect(200);
    const found = await admin.get(`/applications?q=${sha256}`).expect(200);
    expect(revoked.text).toContain(`href="/applications?q=${sha256}"`);
    expect(found.text).toContain(`href="/applications/shop#c-${sha256}"`);
    const ofUser = await admin.get('/audit?actor=user:admin@localhost').expect(200);
    expect(ofUser.text).toContain('href="/people?q=admin%40localhost"');
    const ofClient = await admin.get('/audit?actor=application:shop').expect(200);
    expect(ofClient.text).toContain('href="/applications/shop">To this application');
  });

  it('leaves as lines of JSON and as CSV, of what the filter lets through', async () => {
    const detail = '{"a":"x,\\"y"}';
    const { gateway } = await withSevenEvents(fresh, () => ({ actor: 'cli:jo', detail }));
    const admin = await signIn(gateway);

    const lines = await admin.get('/audit/export.jsonl?project=p1&action=test.even').buffer(true);
    const csv = await admin.get('/audit/export.csv?action=test.odd').expect(200);

    const events = lines.text.trim().split('\n');
    expect(events).toHaveLength(4);
    expect(JSON.parse(events[0] ?? '')).toMatchObject({ actor: 'cli:jo', detail: { a: 'x,"y' } });
    expect(csv.text.split('\r\n').slice(1, -1)).toEqual(
      Array(3).fill(expect.stringMatching(/,test\.odd,cli:jo,,,,p1,,"\{""a"":""x,\\""y""\}"$/)),
    );
    await admin.get('/audit?since=yesterday').expect(400);
  });

  it('leaves as CSV in which no text is a formula, split at commas or at semicolons', async () => {
    const cells = [
      ['=cmd|1', "'=cmd|1"],
      [' @SUM(1)', "' @SUM(1)"],
      ['\t=1', "'\t=1"],
      ['jo;=cmd|1', "jo;'=cmd|1"],
      ['jo; "+1', `"jo;' ""+1"`],
      ['jo;-1;-2', "jo;'-1;'-2"],
      ['jo-1; or 2', 'jo-1; or 2'],
    ] as const;
    const { gateway } = await withSevenEvents(fresh, (index) => ({
      actor: cells[index]?.[0] ?? '',
      detail: '{}',
    }));
    const csv = await (await signIn(gateway)).get('/audit/export.csv?project=p1').expect(200);
    for (const [, cell] of cells) expect(csv.text).toContain(`,${cell},,,,p1,,{}\r\n`);
  });
});
