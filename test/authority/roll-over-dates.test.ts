import { describe, expect, it } from '@jest/globals';
import { describeOnEachDatabase } from '../support/databases.js';
import { pair, startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { eventsOf } from '../support/record.js';
import { startReplicas } from '../support/replicas.js';
import {
  clockOfThePast,
  follow,
  idOf,
  renewed,
  rollOver,
  rotate,
  statesOf,
} from '../support/roll-over.js';

const day = 86_400;

function warnings({ logs }: TestGateway): string[] {
  return logs.filter(({ level }) => level === 'warn').map(({ message }) => message);
}

function waits(gateway: TestGateway): string[] {
  return warnings(gateway).filter((message) => message.startsWith('a roll-over waits'));
}

describeOnEachDatabase('a step by date', (fresh) => {
  it('activates when its time has come and not before, once among several gateways', async () => {
    const replicas = await startReplicas((await fresh()).url, {}, clockOfThePast());
    const [gateway] = replicas;
    const { id } = await rotate(replicas, 'prepare --activate-at 10d');

    gateway.clock.advance(10 * day - 1);
    await follow(replicas);
    expect(await idOf(gateway, 'prepared')).toBe(id);
    gateway.clock.advance(1);
    await Promise.all(replicas.map((one) => one.lookAtAuthorities()));

    expect(await idOf(gateway, 'active')).toBe(id);
    expect(await eventsOf(gateway, 'authority.activated')).toEqual([
      expect.objectContaining({ actor: 'gateway', detail: expect.stringContaining(id) }),
    ]);
    await follow(replicas);
    const holder = await pair(gateway);
    for (const one of replicas) {
      expect((await renewed(one, holder)).issuer).toBe(id);
      expect(waits(one)).toEqual([]);
    }
  });

  it('retires when its time has come and nobody needs it any more, once', async () => {
    const replicas = await startReplicas((await fresh()).url, {}, clockOfThePast());
    const [gateway] = replicas;
    await rollOver(replicas);
    await rotate(replicas, 'retire --at 5d');
    gateway.clock.advance(5 * day - 1);
    await follow(replicas);
    expect(await eventsOf(gateway, 'authority.retired')).toEqual([]);
    gateway.clock.advance(1);
    await Promise.all(replicas.map((one) => one.lookAtAuthorities()));
    await follow(replicas);
    expect(await eventsOf(gateway, 'authority.retired')).toHaveLength(1);
    for (const one of replicas) expect(waits(one)).toEqual([]);
  });

  it('waits with a retirement for the last one, says so once an hour, and goes on then', async () => {
    const [gateway] = await startReplicas((await fresh()).url, {}, clockOfThePast());
    const holder = await pair(gateway);
    const { old } = await rollOver(gateway);
    await rotate(gateway, 'retire --at 1d');
    gateway.clock.advance(day);
    for (let minute = 0; minute < 60; minute += 1) {
      await gateway.lookAtAuthorities();
      if (minute < 59) gateway.clock.advance(60);
    }
    expect(waits(gateway)).toEqual([
      expect.stringContaining(
        `Authority ${old} is still needed: retiring it would cut off 1 holder: app.`,
      ),
    ]);
    gateway.clock.advance(60);
    await gateway.lookAtAuthorities();
    expect(waits(gateway)).toHaveLength(2);

    await renewed(gateway, holder);
    gateway.clock.advance(3600);
    await gateway.lookAtAuthorities();
    expect(await statesOf(gateway)).toEqual(['retired', 'active']);
    expect(waits(gateway)).toHaveLength(2);
  });
});

describe('the date of a step', () => {
  it('is taken back by none, and replaced by another', async () => {
    const gateway = await startTestGateway({}, clockOfThePast());
    gateway.clock.advance(1);
    await rotate(gateway, 'prepare');
    await rotate(gateway, 'activate --at 1d');
    await rotate(gateway, 'activate --at none');
    gateway.clock.advance(2 * day);
    await gateway.lookAtAuthorities();
    expect(await statesOf(gateway)).toEqual(['active', 'prepared']);
    await rotate(gateway, 'activate --at 3d');
    await rotate(gateway, 'activate --at 1d');
    gateway.clock.advance(day);
    await gateway.lookAtAuthorities();
    expect(await statesOf(gateway)).toEqual(['retiring', 'active']);
    expect(await eventsOf(gateway, 'authority.scheduled')).toHaveLength(4);
  });

  it('is forgotten when the step is taken by hand, or turned back', async () => {
    const gateway = await startTestGateway({}, clockOfThePast());
    const { old } = await rollOver(gateway);
    await rotate(gateway, 'retire --at 1d');
    await rotate(gateway, `activate ${old}`);
    gateway.clock.advance(2 * day);
    await gateway.lookAtAuthorities();
    expect(await idOf(gateway, 'active')).toBe(old);
    expect(await statesOf(gateway)).toEqual(['active', 'retiring']);
  });

  it('counts at once where a step that waited gets another date', async () => {
    const gateway = await startTestGateway({}, clockOfThePast());
    const holder = await pair(gateway);
    await rollOver(gateway);
    await rotate(gateway, 'retire --at 1d');
    gateway.clock.advance(day);
    await gateway.lookAtAuthorities();
    expect(waits(gateway)).toHaveLength(1);
    await renewed(gateway, holder);
    await rotate(gateway, 'retire --at 1m');
    gateway.clock.advance(60);
    await gateway.lookAtAuthorities();
    expect(await statesOf(gateway)).toEqual(['retired', 'active']);
  });

  it.each([
    ['prepare --activate-at 2020-01-01', '2020-01-01 00:00:00Z is past: give a date to come.'],
    ['prepare --activate-at 2020-01-01T10:30+02:00', '2020-01-01 08:30:00Z is past'],
  ])('is refused where it is past: %s', async (words, sentence) => {
    const gateway = await startTestGateway();
    await expect(rotate(gateway, words)).rejects.toThrow(sentence);
    expect(await statesOf(gateway)).toEqual(['active']);
  });

  it('is read as midnight UTC, with a zone, or from now', async () => {
    const gateway = await startTestGateway();
    await rotate(gateway, 'prepare');
    const at = async (words: string): Promise<unknown> =>
      ((await rotate(gateway, `activate --at ${words}`)) as unknown as { at: unknown }).at;
    expect(await at('2099-12-01')).toBe('2099-12-01T00:00:00Z');
    expect(await at('2099-12-01T08:00+02:00')).toBe('2099-12-01T06:00:00Z');
    expect(await at('2099-12-01T08:00:30Z')).toBe('2099-12-01T08:00:30Z');
    expect(await at('none')).toBeNull();
    const inAnHour = new Date((gateway.clock.now() + 3600) * 1000).toISOString();
    expect(await at('1h')).toBe(inAnHour.replace('.000Z', 'Z'));
  });

  it('waits with a revoked one for ever, and says what to do', async () => {
    const gateway = await startTestGateway({}, clockOfThePast());
    gateway.clock.advance(1);
    const { id } = await rotate(gateway, 'prepare --activate-at 1d');
    await gateway.database.db
      .updateTable('authorities')
      .set({ revoked_at: gateway.clock.now() })
      .where('id', '=', id)
      .execute();
    gateway.clock.advance(day);
    await gateway.lookAtAuthorities();
    expect(waits(gateway)).toEqual([expect.stringContaining('has been revoked')]);
    expect(await statesOf(gateway)).toEqual(['active', 'prepared']);
  });
});
