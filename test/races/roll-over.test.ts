import { expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine } from '../support/command-line.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { pair } from '../support/gateway.js';
import type { Holder, TestGateway } from '../support/gateway.js';
import { eventsOf, rowCounts } from '../support/record.js';
import { atOnce, startReplicas } from '../support/replicas.js';
import type { Replicas } from '../support/replicas.js';
import {
  caFileOf,
  clockOfThePast,
  follow,
  idOf,
  idsIn,
  renewed,
  rollOver,
  rotate,
  serverIssuer,
  statesOf,
} from '../support/roll-over.js';

/** Commands at once, in turn beside one gateway and the other; what each answered or the sentence that refused it. */
async function race(replicas: Replicas, commands: readonly string[]): Promise<string[]> {
  const answers = await atOnce(replicas, commands.length, (gateway, turn) =>
    commandLine(gateway, commands[turn] ?? '').then(
      () => 'done',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    ),
  );
  await follow(replicas);
  return answers;
}

const again = (times: number, command: string): string[] => Array<string>(times).fill(command);

/** Both gateways sign by the one that the record names, and their files agree with it. */
async function expectOneMind(replicas: Replicas, holder: Holder): Promise<void> {
  const active = await idOf(replicas[0], 'active');
  for (const gateway of replicas) {
    expect((await renewed(gateway, holder)).issuer).toBe(active);
    expect(idsIn(caFileOf(gateway))[0]).toBe(active);
  }
}

describeOnEachDatabase('a roll-over by several at once', (fresh) => {
  it('prepares one of ten, and keeps nothing of the others', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const holder = await pair(replicas[0]);
    const before = await rowCounts(replicas[0]);

    const answers = await race(replicas, again(10, 'ca rotate prepare'));

    expect(answers.filter((answer) => answer === 'done')).toHaveLength(1);
    for (const answer of answers.filter((one) => one !== 'done'))
      expect(answer).toContain('prepared already');
    expect((await statesOf(replicas[0])).toSorted()).toEqual(['active', 'prepared']);
    expect(await rowCounts(replicas[0])).toMatchObject({
      public_keys: (before['public_keys'] ?? 0) + 1,
      audit_events: (before['audit_events'] ?? 0) + 1,
    });
    await expectOneMind(replicas, holder);
  });

  it('activates once of ten', async () => {
    const replicas = await startReplicas((await fresh()).url);
    const holder = await pair(replicas[0]);
    replicas[0].clock.advance(1);
    const { id } = await rotate(replicas, 'prepare');

    const answers = await race(replicas, again(10, `ca rotate activate ${id}`));

    expect(answers.filter((answer) => answer === 'done')).toHaveLength(1);
    for (const answer of answers.filter((one) => one !== 'done'))
      expect(answer).toMatch(/active one already|Somebody else changed/);
    expect(await eventsOf(replicas[0], 'authority.activated')).toHaveLength(1);
    expect(await statesOf(replicas[0])).toEqual(['retiring', 'active']);
    await expectOneMind(replicas, holder);
  });

  it('leaves one active one when two are activated at once, again and again', async () => {
    const replicas = await startReplicas((await fresh()).url, {}, clockOfThePast());
    const holder = await pair(replicas[0]);
    const { old } = await rollOver(replicas);
    replicas[0].clock.advance(1);
    const { id: third } = await rotate(replicas, 'prepare');

    for (let round = 0; round < 5; round += 1) {
      const words = [old, third].map((id) => `ca rotate activate ${id}`);
      const answers = await race(replicas, [...words, ...words]);
      expect(answers).toContain('done');
      for (const answer of answers)
        expect(answer).toMatch(/^done$|active one already|Somebody else changed/);
      expect((await statesOf(replicas[0])).toSorted()).toEqual(['active', 'retiring', 'retiring']);
    }
    await expectOneMind(replicas, holder);
  });

  it('activates or retires one, never both', async () => {
    const replicas = await startReplicas((await fresh()).url, {}, clockOfThePast(60));
    const holder = await pair(replicas[0]);
    for (let round = 0; round < 4; round += 1) {
      const { old } = await rollOver(replicas);
      await renewed(replicas[0], holder);
      replicas[0].clock.advance(60);
      const answers = await race(replicas, [
        `ca rotate activate ${old}`,
        `ca rotate retire ${old} --force`,
      ]);
      expect(answers.filter((answer) => answer === 'done')).toHaveLength(1);
      const states = await replicas[0].database.db
        .selectFrom('authorities')
        .select(['id', 'state'])
        .execute();
      const [activated] = answers;
      expect(states.find(({ id }) => id === old)?.state).toBe(
        activated === 'done' ? 'active' : 'retired',
      );
      expect(states.filter(({ state }) => state === 'active')).toHaveLength(1);
      if (activated !== 'done') return;
    }
  });

  it('activates or revokes a prepared one, never both', async () => {
    const replicas = await startReplicas((await fresh()).url);
    for (let round = 0; round < 4; round += 1) {
      replicas[0].clock.advance(1);
      const { id } = await rotate(replicas, 'prepare');
      const words = [`ca rotate activate ${id}`, `ca revoke ${id}`];
      const answers = await race(replicas, round % 2 === 0 ? words : words.toReversed());
      expect(answers.filter((answer) => answer === 'done')).toHaveLength(1);
      const row = await replicas[0].database.db
        .selectFrom('authorities')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      expect(row.state === 'active').toBe(row.revoked_at === null);
      if (row.state === 'prepared') await rotate(replicas, `retire ${id}`);
    }
  });
});

/** Lets every audit event fail, as a crash in the middle of a step would. */
async function withoutAuditLog(gateway: TestGateway, work: () => Promise<unknown>): Promise<void> {
  const { db } = gateway.database;
  await sql`alter table audit_events rename to away`.execute(db);
  // The driver's error may come from another realm, so it is told by its words alone.
  await expect(work()).rejects.toMatchObject({ message: expect.stringContaining('audit_events') });
  await sql`alter table away rename to audit_events`.execute(db);
}

describeOnEachDatabase('a step that fails half-way', (fresh) => {
  it.each([
    ['prepare', []],
    ['activate', ['prepare']],
    ['activate --at 30d', ['prepare']],
    ['retire', ['prepare', 'activate']],
  ])('leaves everything as it was: %s', async (words, before) => {
    const [gateway] = await startReplicas((await fresh()).url, {}, clockOfThePast());
    for (const step of before) await rotate(gateway, step);
    gateway.clock.advance(60);
    const all = () => gateway.database.db.selectFrom('authorities').selectAll().execute();
    const [rows, counts] = [await all(), await rowCounts(gateway)];

    await withoutAuditLog(gateway, () => commandLine(gateway, `ca rotate ${words}`));

    expect(await all()).toEqual(rows);
    expect(await rowCounts(gateway)).toEqual(counts);
    await rotate(gateway, words);
  });

  it('is followed although a file in home cannot be written, and by the file when it can', async () => {
    const [gateway] = await startReplicas((await fresh()).url, {}, clockOfThePast());
    const { next } = await rollOver(gateway);
    gateway.clock.advance(60);
    const caFile = join(gateway.home, 'ca.crt');
    const trust = caFileOf(gateway);
    rmSync(caFile);
    mkdirSync(caFile);

    await expect(rotate(gateway, 'retire')).rejects.toThrow(/EISDIR/);

    expect(await serverIssuer(gateway, trust)).toBe(next);
    rmSync(caFile, { recursive: true });
    gateway.clock.advance(60);
    await gateway.lookAtAuthorities();
    expect(idsIn(caFileOf(gateway))).toEqual([next]);
  });
});
