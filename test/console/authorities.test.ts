import { expect, it } from '@jest/globals';
import { makeLeftBehindStore } from '../../src/authority/left-behind-store.js';
import { makeListProjectAuthorities } from '../../src/authority/project-authority-list.js';
import { startRotation } from '../support/ca-rotation.js';
import { commandLine } from '../support/command-line.js';
import { signIn } from '../support/console.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { pair } from '../support/gateway.js';
import { openProject, startOn } from '../support/people.js';
import { eventsOf } from '../support/record.js';

describeOnEachDatabase('the CA of a project', (fresh) => {
  it('rolls over by its page, which says what is missing at each step', async () => {
    const { gateway, report, reset, shown } = await startRotation(await fresh());
    const admin = await signIn(gateway);
    const page = '/authorities/projects/p1';
    const take = (step: string) => admin.post(`${page}/steps`, { step });
    const done = async (step: string) => {
      const { headers } = await take(step).expect(303);
      expect(headers['location']).toBe(`${page}?said=${step}`);
    };
    const all = async (phase: number) => {
      for (const service of ['kafka-1', 'pg-1']) await report(service, phase).expect(200);
      gateway.clock.advance(60);
    };
    await take('activate').expect(409);
    await done('prepare');
    await take('prepare').expect(409);
    gateway.clock.advance(60);
    expect((await take('activate').expect(409)).text).toMatch(/class="[^"]*problem[^>]*>[^<]*pg-1/);
    await all(1);
    await done('activate');
    await all(2);
    const early = await take('retire').expect(409);
    expect(early.text).toContain('Still on the old one');
    expect(early.text).toContain('kafka-1 / avnadmin');
    await reset('avnadmin').expect(200);
    for (const { sha256 } of (await shown()).users_on_retiring_ca)
      await commandLine(gateway, `certificate revoke ${sha256} --reason superseded`);
    await done('retire');
    expect((await admin.get(page)).text).toContain('No roll-over is under way.');
    expect((await eventsOf(gateway, 'authority.retired')).map(({ actor }) => actor)).toEqual([
      'user:admin@localhost',
    ]);
    await take('sideways').expect(400);
  });
});

describeOnEachDatabase('the lists of authorities', (fresh) => {
  it('count those on an authority as far as they are asked to', async () => {
    const gateway = await startOn(await fresh());
    for (const name of ['b', 'a']) await pair(gateway, name);
    const { db } = gateway.database;
    const query = db.selectFrom('certificates').select('authority_id as id');
    const { id } = await query.where('holder', '=', 'a').executeTakeFirstOrThrow();
    const { findFirstDependents, findDependents } = makeLeftBehindStore(db);
    const now = gateway.clock.now();
    const all = await findDependents(id, now);
    expect(all.map(({ holder }) => holder)).toEqual(['a', 'b']);
    const [first] = all;
    expect(await findFirstDependents(id, now, 1)).toEqual({ dependents: [first], isAll: false });
    expect(await findFirstDependents(id, now, 3)).toEqual({ dependents: all, isAll: true });
    const later = now + 400 * 86_400;
    expect(await findFirstDependents(id, later, 3)).toEqual({ dependents: [], isAll: true });
  });

  it('go through the CAs of projects page by page', async () => {
    const gateway = await startOn(await fresh());
    await openProject(gateway);
    const projects = makeListProjectAuthorities(gateway.database.db);
    expect((await projects({ after: '', limit: 5 })).map((one) => one.project)).toEqual(['p1']);
    expect(await projects({ after: 'p1', limit: 5 })).toEqual([]);
  });
});
