import { describe, expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import { pair, startTestGateway } from '../support/gateway.js';
import type { Holder, TestGateway } from '../support/gateway.js';
import { eventsOf, rowCounts } from '../support/record.js';
import { startReplicas } from '../support/replicas.js';
import {
  caFileOf,
  clockOfThePast,
  idOf,
  idsIn,
  renewed,
  renewTrusting,
  rollOver,
  rotate,
  statesOf,
} from '../support/roll-over.js';
import { commandLine } from '../support/command-line.js';
import { openService } from '../support/services.js';

const day = 86_400;

async function pairMany(gateway: TestGateway, count: number): Promise<Holder[]> {
  const names = Array.from({ length: count }, (_, index) => `app-${String(index + 10)}`);
  return Promise.all(names.map((name) => pair(gateway, name)));
}

describeOnEachDatabase('a retirement that would cut somebody off', (fresh) => {
  it('is refused with the count and the names, until the last one has renewed', async () => {
    const replicas = await startReplicas((await fresh()).url, {}, clockOfThePast());
    const [gateway] = replicas;
    const holders = await pairMany(gateway, 3);
    const { old } = await rollOver(replicas);
    gateway.clock.advance(60);
    const before = await rowCounts(gateway);

    const names = ['app-10, app-11, app-12', 'app-11, app-12', 'app-12'];
    for (const [index, holder] of holders.entries()) {
      const left = 3 - index;
      await expect(rotate(replicas, 'retire')).rejects.toThrow(
        `Authority ${old} is still needed: retiring it would cut off ${String(left)} ${left === 1 ? 'holder' : 'holders'}: ${names[index] ?? ''}. They move`,
      );
      if (index === 0) expect(await rowCounts(gateway)).toEqual(before);
      await renewed(gateway, holder);
    }

    await rotate(replicas, 'retire');
    expect(await statesOf(gateway)).toEqual(['retired', 'active']);
  });

  it('is done with --force, and answers who is cut off', async () => {
    const [gateway] = await startReplicas((await fresh()).url, {}, clockOfThePast());
    const [one, other] = [await pair(gateway, 'one'), await pair(gateway, 'other')];
    await rollOver(gateway);
    const successor = await renewed(gateway, one);
    gateway.clock.advance(60);

    const { leftBehind } = await rotate(gateway, 'retire --force');

    expect(leftBehind).toEqual([{ holder: 'other', kind: 'application' }]);
    await renewTrusting(gateway, other, { trust: caFileOf(gateway) }).expect(403);
    await renewed(gateway, successor);
    // Who is cut off holds nothing beside which a second line could begin.
    expect(await commandLine(gateway, 'token create other')).not.toHaveProperty('notice');
    expect(await commandLine(gateway, 'token create one')).toHaveProperty('notice');
    expect(await eventsOf(gateway, 'authority.retired')).toEqual([
      expect.objectContaining({ level: 'warning', actor: 'cli:test' }),
    ]);
  });

  it('counts lines: neither revoked nor expired ones, and each that is still on the old one', async () => {
    const [gateway] = await startReplicas((await fresh()).url, {}, clockOfThePast());
    const lines = [await pair(gateway), await pair(gateway)] as const;
    const gone = await pair(gateway, 'gone');
    const { old } = await rollOver(gateway);
    await renewed(gateway, lines[0]);
    await commandLine(gateway, `certificate revoke ${gone.sha256}`);
    gateway.clock.advance(60);

    const refusal = `retiring it would cut off 1 holder: app.`;
    await expect(rotate(gateway, 'retire')).rejects.toThrow(refusal);
    // A successor that was revoked does not keep anybody going.
    const successor = await renewed(gateway, lines[1]);
    await commandLine(gateway, `certificate revoke ${successor.sha256}`);
    await expect(rotate(gateway, 'retire')).rejects.toThrow(refusal);

    gateway.clock.advance(92 * day);
    await rotate(gateway, `retire ${old}`);
  });

  it('names ten and counts the rest', async () => {
    const [gateway] = await startReplicas((await fresh()).url, {}, clockOfThePast());
    await pairMany(gateway, 12);
    await rollOver(gateway);
    gateway.clock.advance(60);
    await expect(rotate(gateway, 'retire')).rejects.toThrow(
      /would cut off 12 holders: app-10, .*, app-19 and 2 more\./,
    );
  });
});

describe('a step that cannot be taken', () => {
  it.each([
    ['activate', /^No authority is prepared/],
    ['retire', /^No authority is retiring/],
    ['activate nope', /^There is no authority nope: `everleaf ca list` shows them\.$/],
    ['retire nope', /^There is no authority nope/],
    ['activate --at 30d', /^No authority is prepared/],
    ['retire nope --at 30d', /^Authority nope is not retiring/],
  ])('is refused and changes nothing: %s', async (words, sentence) => {
    const gateway = await startTestGateway();
    const before = await rowCounts(gateway);
    await expect(rotate(gateway, words)).rejects.toThrow(sentence);
    expect(await rowCounts(gateway)).toEqual(before);
    expect(await statesOf(gateway)).toEqual(['active']);
  });

  it('refuses to activate or retire the active one', async () => {
    const gateway = await startTestGateway();
    const id = await idOf(gateway, 'active');
    await expect(rotate(gateway, `activate ${id}`)).rejects.toThrow('the active one already');
    await expect(rotate(gateway, `retire ${id}`)).rejects.toThrow(
      'The active authority cannot retire: prepare and activate another first.',
    );
    await expect(rotate(gateway, `retire ${id} --force`)).rejects.toThrow('cannot retire');
  });

  it('refuses a second prepared one, and keeps nothing of it', async () => {
    const gateway = await startTestGateway();
    const { id } = await rotate(gateway, 'prepare');
    const before = await rowCounts(gateway);
    await expect(rotate(gateway, 'prepare')).rejects.toThrow(
      'An authority is prepared already: activate or retire that one first.',
    );
    expect(await rowCounts(gateway)).toEqual(before);

    await rotate(gateway, `retire ${id}`);
    gateway.clock.advance(60);
    const { id: another } = await rotate(gateway, 'prepare');
    expect(idsIn(caFileOf(gateway))).toEqual([await idOf(gateway, 'active'), another]);
  });

  it('lets nobody bring back a retired one', async () => {
    const gateway = await startTestGateway({}, clockOfThePast());
    const { old } = await rollOver(gateway);
    gateway.clock.advance(60);
    await rotate(gateway, 'retire');
    for (const words of [`activate ${old}`, `retire ${old}`, `retire ${old} --force`])
      await expect(rotate(gateway, words)).rejects.toThrow('retired');
    expect(await statesOf(gateway)).toEqual(['retired', 'active']);
  });

  it('waits a minute before a retirement, even a forced one', async () => {
    const gateway = await startTestGateway({}, clockOfThePast());
    await rollOver(gateway);
    gateway.clock.advance(59);
    const early = 'became retiring less than a minute ago';
    await expect(rotate(gateway, 'retire')).rejects.toThrow(early);
    await expect(rotate(gateway, 'retire --force')).rejects.toThrow(early);
    gateway.clock.advance(1);
    await rotate(gateway, 'retire');
  });

  it('refuses a prepared one that has expired meanwhile', async () => {
    const gateway = await startTestGateway({}, clockOfThePast());
    await rotate(gateway, 'prepare --validity 1d');
    gateway.clock.advance(day + 1);
    await expect(rotate(gateway, 'activate')).rejects.toThrow(
      /^The certificate of .* has expired\.$/,
    );
  });

  it('asks which, where two are retiring', async () => {
    const gateway = await startTestGateway({}, clockOfThePast());
    const { old, next } = await rollOver(gateway);
    await rollOver(gateway);
    gateway.clock.advance(60);
    await expect(rotate(gateway, 'retire')).rejects.toThrow(
      `More than one authority is retiring: name one of ${old}, ${next}.`,
    );
    await rotate(gateway, `retire ${next}`);
    await rotate(gateway, 'retire');
    expect(await statesOf(gateway)).toEqual(['retired', 'retired', 'active']);
  });
});

describe('an activation', () => {
  it('answers who has not renewed since the next one was published', async () => {
    const gateway = await startTestGateway({}, clockOfThePast());
    const [told] = [await pair(gateway, 'told'), await pair(gateway, 'untold')];
    gateway.clock.advance(3600);
    await rotate(gateway, 'prepare');
    gateway.clock.advance(3600);
    await renewed(gateway, told);
    await pair(gateway, 'young');

    const { leftBehind } = await rotate(gateway, 'activate');

    expect(leftBehind).toEqual([{ holder: 'untold', kind: 'application' }]);
  });

  it('answers nobody where all have renewed, and where it is the way back', async () => {
    const gateway = await startTestGateway({}, clockOfThePast());
    const holder = await pair(gateway);
    const old = await idOf(gateway, 'active');
    // Users of services have the CA of their project, which stays.
    await openService(gateway);
    gateway.clock.advance(3600);
    await rotate(gateway, 'prepare');
    gateway.clock.advance(1);
    await renewed(gateway, holder);
    expect((await rotate(gateway, 'activate')).leftBehind).toEqual([]);
    expect((await rotate(gateway, `activate ${old}`)).leftBehind).toEqual([]);
  });
});
