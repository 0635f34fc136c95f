import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeOnEachDatabase } from '../support/databases.js';
import { pair, startTestGateway, temporaryHome } from '../support/gateway.js';
import { rowCounts } from '../support/record.js';
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
  serverIssuer,
  statesOf,
} from '../support/roll-over.js';

describeOnEachDatabase('a restart in the middle of a roll-over', (fresh) => {
  it('goes on in every state as if nothing had been', async () => {
    const [first] = await startReplicas((await fresh()).url);
    const oldFile = first.ca;
    const holder = await pair(first);
    const old = await idOf(first, 'active');

    const { id: next } = await rotate(first, 'prepare');
    const prepared = await first.restart();
    expect(idsIn(caFileOf(prepared))).toEqual([old, next]);
    const second = await renewed(prepared, holder, oldFile);
    expect([second.issuer, await serverIssuer(prepared)]).toEqual([old, old]);

    await rotate(prepared, 'activate');
    const active = await prepared.restart();
    expect(idsIn(caFileOf(active))).toEqual([next, old]);
    const third = await renewed(active, second, oldFile);
    expect([third.issuer, await serverIssuer(active)]).toEqual([next, old]);

    await active.database.db
      .updateTable('authorities')
      .set({ state_since: active.clock.now() - 60 })
      .where('id', '=', old)
      .execute();
    await rotate(active, 'retire --force');
    active.clock.advance(60);
    const retired = await active.restart();
    await retired.lookAtAuthorities();
    expect(idsIn(caFileOf(retired))).toEqual([next]);
    expect([(await renewed(retired, third)).issuer, await serverIssuer(retired)]).toEqual([
      next,
      next,
    ]);
    await renewTrusting(retired, holder, { trust: caFileOf(retired) }).expect(403);
  });

  it('follows what was changed while no gateway ran', async () => {
    const [first, other] = await startReplicas((await fresh()).url, {}, clockOfThePast());
    const holder = await pair(first);
    await first.stop();
    const { next } = await rollOver(other);
    const again = await first.restart();
    expect((await renewed(again, holder)).issuer).toBe(next);
  });
});

describe('the master key of a gateway', () => {
  it.each([
    ['is missing', (file: string) => rmSync(file)],
    [
      'is another',
      (file: string) =>
        writeFileSync(file, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 }),
    ],
  ])('must be at hand to prepare, and nothing is changed where it %s', async (_case, spoil) => {
    const gateway = await startTestGateway();
    const before = await rowCounts(gateway);
    spoil(join(gateway.home, 'master.key'));
    await expect(rotate(gateway, 'prepare')).rejects.toThrow(/master key/);
    expect(await rowCounts(gateway)).toEqual(before);
    expect(await statesOf(gateway)).toEqual(['active']);
  });

  it('is not needed for the other steps', async () => {
    const gateway = await startTestGateway({}, clockOfThePast());
    await rotate(gateway, 'prepare');
    rmSync(join(gateway.home, 'master.key'));
    await rotate(gateway, 'activate');
    gateway.clock.advance(60);
    await rotate(gateway, 'retire');
  });
});

describe('a key on record that is damaged', () => {
  it.each(['prepared', 'retiring'] as const)(
    'of a %s authority leaves the gateway running and following, and is logged',
    async (state) => {
      const gateway = await startTestGateway({}, clockOfThePast());
      const holder = await pair(gateway);
      await rollOver(gateway);
      gateway.clock.advance(1);
      await rotate(gateway, 'prepare');
      await gateway.database.db
        .updateTable('authorities')
        .set({ sealed_key: 'v1.garbage' })
        .where('state', '=', state)
        .execute();
      const active = await idOf(gateway, 'active');

      const again = await gateway.restart();

      expect((await renewed(again, holder)).issuer).toBe(active);
      expect(again.logs).toContainEqual(
        expect.objectContaining({
          level: 'error',
          message: expect.stringContaining('is damaged or does not fit its certificate'),
        }),
      );
      await rotate(again, `activate --at ${state === 'prepared' ? '99d' : 'none'}`);
    },
  );

  it('signs on by the one before where it is that of the active one, and says so', async () => {
    const gateway = await startTestGateway({ EVERLEAF_HOME: temporaryHome() }, clockOfThePast());
    const holder = await pair(gateway);
    const old = await idOf(gateway, 'active');
    gateway.clock.advance(1);
    const { database } = gateway;
    await rotate({ ...gateway, lookAtAuthorities: () => Promise.resolve() }, 'prepare');
    await database.db
      .updateTable('authorities')
      .set({ sealed_key: 'v1.garbage' })
      .where('state', '=', 'prepared')
      .execute();
    await rotate(gateway, 'activate');
    expect((await renewed(gateway, holder)).issuer).toBe(old);
    expect(gateway.logs).toContainEqual(
      expect.objectContaining({
        level: 'error',
        message: 'the key of the active authority is not here: the one before signs on',
      }),
    );
    await rotate(gateway, `activate ${old}`);
    expect((await renewed(gateway, holder)).issuer).toBe(old);
  });
});
