import { describe, expect, it } from '@jest/globals';
import { managementPath } from '../connector/shape.js';
import { commandLine } from '../support/command-line.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { call, pair, startTestGateway } from '../support/gateway.js';
import type { Holder, TestGateway } from '../support/gateway.js';
import { eventsOf } from '../support/record.js';
import { startReplicas } from '../support/replicas.js';
import {
  caFileOf,
  clockOfThePast,
  follow,
  idOf,
  idsIn,
  pairNow,
  renewed,
  rollOver,
  rotate,
  serverIssuer,
  statesOf,
} from '../support/roll-over.js';
import type { StepAnswer } from '../support/roll-over.js';
import { openService } from '../support/services.js';

/** Revokes an authority; every gateway has followed it then. */
async function revoke(gateways: readonly TestGateway[], words: string): Promise<StepAnswer> {
  const [gateway] = gateways;
  if (!gateway) throw new Error('there is no gateway');
  const answer = await commandLine<StepAnswer>(gateway, `ca revoke ${words}`);
  await follow(gateways);
  return answer;
}

/** Whether the holder is asked to renew at once, and not only some day. */
async function isHinted(gateway: TestGateway, holder: Holder): Promise<boolean> {
  const now = { ...gateway, ca: caFileOf(gateway) };
  const { body } = await call(now, 'get', managementPath, holder).expect(200);
  return Date.parse(body.renewal.end) / 1000 < gateway.clock.now();
}

describeOnEachDatabase('an authority that is revoked', (fresh) => {
  it('leaves the bundle and the listeners; its holders are asked to renew, and can', async () => {
    const replicas = await startReplicas((await fresh()).url, {}, clockOfThePast());
    const [gateway] = replicas;
    const holder = await pair(gateway);
    const { old, next } = await rollOver(replicas);
    const young = await pairNow(gateway, 'young');
    gateway.clock.advance(10);

    await revoke(replicas, old);

    gateway.clock.advance(10);
    for (const one of replicas) {
      expect(idsIn(caFileOf(one))).toEqual([next]);
      expect(await serverIssuer(one)).toBe(next);
      expect(await isHinted(one, holder)).toBe(true);
      expect(await isHinted(one, young)).toBe(false);
      const answer = await renewed(one, holder);
      expect(answer.issuer).toBe(next);
      expect(idsIn(answer.bundle)).toEqual([next]);
      expect(await isHinted(one, answer)).toBe(false);
    }
    expect(await eventsOf(gateway, 'authority.revoked')).toEqual([
      expect.objectContaining({
        level: 'warning',
        actor: 'cli:test',
        detail: JSON.stringify({ authority: old, reason: 'cACompromise', leftBehind: 1 }),
      }),
    ]);
  });

  it('can never be active again, and retires as another', async () => {
    const replicas = await startReplicas((await fresh()).url, {}, clockOfThePast());
    const [gateway] = replicas;
    const { old } = await rollOver(replicas);
    await revoke(replicas, `${old} --reason keyCompromise`);
    await expect(rotate(replicas, `activate ${old}`)).rejects.toThrow(
      `Authority ${old} has been revoked: \`everleaf ca rotate prepare\` for another.`,
    );
    await expect(revoke(replicas, old)).rejects.toThrow('revoked already');
    gateway.clock.advance(60);
    await rotate(replicas, 'retire');
    expect(await statesOf(gateway)).toEqual(['retired', 'active']);
  });
});

describe('the revocation of an authority', () => {
  it('answers who has not renewed since the next one was published', async () => {
    const gateway = await startTestGateway({}, clockOfThePast());
    const [told] = [await pair(gateway, 'told'), await pair(gateway, 'untold')];
    gateway.clock.advance(3600);
    await rotate(gateway, 'prepare');
    gateway.clock.advance(1);
    await renewed(gateway, told);
    const old = await idOf(gateway, 'active');
    await rotate(gateway, 'activate');
    const { leftBehind } = await revoke([gateway], old);
    expect(leftBehind).toEqual([{ holder: 'untold', kind: 'application' }]);
  });

  it('takes a prepared one out of the bundle, and leaves nobody behind', async () => {
    const gateway = await startTestGateway();
    await pair(gateway);
    gateway.clock.advance(1);
    const { id } = await rotate(gateway, 'prepare');
    expect((await revoke([gateway], id)).leftBehind).toEqual([]);
    expect(idsIn(caFileOf(gateway))).toEqual([await idOf(gateway, 'active')]);
    await expect(rotate(gateway, 'activate')).rejects.toThrow(
      `\`everleaf ca rotate retire ${id}\`, then \`everleaf ca rotate prepare\``,
    );
    await rotate(gateway, `retire ${id}`);
    await rotate(gateway, 'prepare');
  });

  it.each(['the active one', 'one that is not there'])('is refused for %s', async (which) => {
    const gateway = await startTestGateway();
    const id = which === 'the active one' ? await idOf(gateway, 'active') : '0123456789abcdef';
    await expect(revoke([gateway], id)).rejects.toThrow(
      `Authority ${id} is active, unknown or revoked already. An active one needs a successor first`,
    );
    expect(await eventsOf(gateway, 'authority.revoked')).toEqual([]);
    expect(idsIn(caFileOf(gateway))).toHaveLength(1);
  });

  it('is refused for that of a project, and says how it goes instead', async () => {
    const gateway = await startTestGateway();
    const { asRoot } = await openService(gateway);
    const { id } = await rotate(gateway, 'prepare --project p1');
    await expect(revoke([gateway], id)).rejects.toThrow(
      `That of a project retires instead: \`everleaf ca rotate retire ${id} --project PROJECT --force\`.`,
    );
    const { body } = await asRoot('get', '/v1/project/p1/kms/ca').expect(200);
    expect(idsIn(body.certificate as string)).toContain(id);
    await rotate(gateway, `retire ${id} --project p1 --force`);
    expect(await eventsOf(gateway, 'authority.revoked')).toEqual([]);
  });
});
